export { itemCounts } from "./item-counts";
export { JsonTree, type JsonTreeProps } from "./json-tree";
export { JsonView } from "./json-view";
export { expressionFor, LogDetail, type LogDetailProps } from "./log-detail";
export { RunWaits } from "./run-waits";
export { RunTimeline, type RunTimelineProps } from "./run-timeline";
export { type Connection, type RunStream, useRunStream } from "./use-run-stream";
