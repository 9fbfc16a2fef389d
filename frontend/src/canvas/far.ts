import { useStore } from "@xyflow/react";

/** Where each way of drawing names begins, from near to far; the styles of nodes, groups and notes go by the number. */
const STEPS = [0.62, 0.42, 0.3, 0.2, 0.14];

/** How far out the canvas is zoomed, for its `data-far`: undefined where all can be read as it is. */
export function useFar(): number | undefined {
  return useStore((flow) => farAt(flow.transform[2]));
}

export function farAt(zoom: number): number | undefined {
  return STEPS.filter((step) => zoom < step).length || undefined;
}
