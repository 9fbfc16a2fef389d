export type * from "./types";
export { COLOURS } from "./types";
export { Catalogue, EMPTY_CATALOGUE } from "./catalogue";
export { ERROR, PLAIN, exitOf, exitsOf, mainExit, settingOf, takesErrorExit, wireHandle } from "./handles";
export { edgesFrom, edgesInto, nodeIndex, reach, readingOrder } from "./walk";
export { legalSources, legalTargets, refusal, type Link } from "./connect";
export { edgeState, type EdgeState } from "./edge-state";
export { statusOfAll } from "./group-status";
export * from "./place";
export { neighbour, type Direction } from "./focus";
export { exitTop, HANDLE, handleBoxes, heightFor } from "./geometry";
export { align, type Alignment, type Box, type Guide, guidesAt } from "./align";
export {
  childrenOf,
  containerAt,
  cornerFor,
  containersAround,
  depthOf,
  fromWire,
  groupBox,
  isFolded,
  nodeBoxes,
  toWire,
  withInside,
} from "./frames";
export { type Difference, differences, same } from "./differences";
export { unreachable } from "./reachable";
