export { InputPane } from "./input-pane";
export { OutputPane } from "./output-pane";
export { PassChooser } from "./pass-chooser";
export { Pins } from "./pins";
export { knownTo } from "./sources";
export { SampleMarks, useEditorSamples } from "./use-samples";
