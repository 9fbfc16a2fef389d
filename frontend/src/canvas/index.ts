export {
  CanvasContext,
  createCanvasStore,
  type CanvasState,
  type CanvasStore,
  type Marks,
  useCanvas,
} from "./canvas-store";
export {
  type Chosen,
  type Drawable,
  drawAll,
  type Drawn,
  drawEdge,
  drawNode,
  edgeTypes,
  MINIMAP_UP_TO,
  nodeTypes,
  VISIBLE_ONLY_ABOVE,
} from "./drawing";
export type { DrawnEdge } from "./edge-view";
export { useFar } from "./far";
export { groupKey, noteKey } from "./group-view";
export { KindIcon } from "./kind-icon";
export { type DrawnNode, nodeElementId } from "./node-view";
export { RunCanvas, type RunCanvasProps } from "./run-canvas";
export { VersionCanvas } from "./version-canvas";
