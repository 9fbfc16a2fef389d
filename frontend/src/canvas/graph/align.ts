import { snap } from "./place";
import type { XY } from "./types";

export interface Box extends XY {
  width: number;
  height: number;
}

/** A line along which the moved box and a neighbour lie, on the drawing. */
export interface Guide {
  axis: "x" | "y";
  at: number;
  from: number;
  to: number;
}

export interface Alignment {
  /** How much further to move so that it lines up. */
  by: XY;
  guides: Guide[];
}

/** Farther neighbours are not what a person lines up with. */
const REACH = 1_200;

/** Lines a moved box up with the edges and middles of neighbours no more than `within` away; without any, with the grid. */
export function align(moved: Box, others: readonly Box[], within: number): Alignment {
  const near = nearTo(moved, others);
  const grid = snap(moved);
  const by = {
    x: closest(moved, near, "x", within) ?? grid.x - moved.x,
    y: closest(moved, near, "y", within) ?? grid.y - moved.y,
  };
  return { by, guides: guidesAt({ ...moved, x: moved.x + by.x, y: moved.y + by.y }, near) };
}

/** With whom a box lies level where it is. */
export function guidesAt(box: Box, others: readonly Box[]): Guide[] {
  const near = nearTo(box, others);
  return [...guidesOn(box, near, "x"), ...guidesOn(box, near, "y")];
}

const nearTo = (box: Box, others: readonly Box[]) =>
  others.filter((other) => Math.abs(other.x - box.x) < REACH && Math.abs(other.y - box.y) < REACH);

const SIZE = { x: "width", y: "height" } as const;
const ACROSS = { x: "y", y: "x" } as const;

/** Start, middle and end of a box on one axis. */
function marks(box: Box, axis: "x" | "y"): [number, number, number] {
  const size = box[SIZE[axis]];
  return [box[axis], box[axis] + size / 2, box[axis] + size];
}

/** The smallest step that brings a mark onto the same mark of a neighbour; `null` when none is near enough. */
function closest(moved: Box, near: readonly Box[], axis: "x" | "y", within: number): number | null {
  let best: number | null = null;
  const own = marks(moved, axis);
  for (const other of near) {
    const theirs = marks(other, axis);
    for (let i = 0; i < own.length; i++) {
      const step = theirs[i]! - own[i]!;
      if (Math.abs(step) <= within && (best === null || Math.abs(step) < Math.abs(best))) best = step;
    }
  }
  return best;
}

/** One line for each mark that is shared, as long as all who share it. */
function guidesOn(placed: Box, near: readonly Box[], axis: "x" | "y"): Guide[] {
  const across = ACROSS[axis];
  const own = marks(placed, axis);
  return own.flatMap((at, i): Guide[] => {
    const sharing = near.filter((other) => Math.abs(marks(other, axis)[i]! - at) < 0.5);
    if (sharing.length === 0) return [];
    const all = [placed, ...sharing];
    return [
      {
        axis,
        at,
        from: Math.min(...all.map((box) => box[across])),
        to: Math.max(...all.map((box) => box[across] + box[SIZE[across]])),
      },
    ];
  });
}
