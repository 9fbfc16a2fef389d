import { GRID, NODE_HEIGHT, NODE_WIDTH } from "./place";

export const HANDLE = 12;
const EXIT_ROW = 20;

export interface HandleBox {
  id: string | null;
  type: "source" | "target";
  position: "left" | "right";
  x: number;
  y: number;
  width: number;
  height: number;
}

/** A node with several exits is taller: one row per exit, still a multiple of the grid. */
export function heightFor(exits: number): number {
  const height = Math.max(NODE_HEIGHT, GRID + exits * EXIT_ROW);
  return Math.ceil(height / GRID) * GRID;
}

/** Where the middle of exit `index` sits, from the top of the node. */
export function exitTop(index: number, exits: number): number {
  if (exits === 1) return NODE_HEIGHT / 2;
  const first = (heightFor(exits) - (exits - 1) * EXIT_ROW) / 2;
  return first + index * EXIT_ROW;
}

/**
 * The handles of a node, told rather than measured: the canvas can then draw every edge, and know what is in view,
 * without first putting each of a thousand nodes on the page.
 */
export function handleBoxes(
  exits: readonly string[],
  takesInput: boolean,
  width: number = NODE_WIDTH,
): HandleBox[] {
  const size = { width: HANDLE, height: HANDLE };
  const boxes: HandleBox[] = exits.map((id, index) => ({
    id,
    type: "source",
    position: "right",
    x: width - HANDLE / 2,
    y: exitTop(index, exits.length) - HANDLE / 2,
    ...size,
  }));
  if (takesInput)
    boxes.push({
      id: null,
      type: "target",
      position: "left",
      x: -HANDLE / 2,
      y: NODE_HEIGHT / 2 - HANDLE / 2,
      ...size,
    });
  return boxes;
}
