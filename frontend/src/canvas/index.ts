export {
  CanvasContext,
  createCanvasStore,
  type CanvasState,
  type CanvasStore,
  useCanvas,
} from "./canvas-store";
export { drawEdge, drawNode, edgeTypes, MINIMAP_UP_TO, nodeTypes, VISIBLE_ONLY_ABOVE } from "./drawing";
export type { DrawnEdge } from "./edge-view";
export { KindIcon } from "./kind-icon";
export { type DrawnNode, nodeElementId } from "./node-view";
export { FAR, RunCanvas, type RunCanvasProps } from "./run-canvas";
