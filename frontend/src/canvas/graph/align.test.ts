import { describe, expect, it } from "vitest";

import { align, type Box, guidesAt } from "./align";

const box = (x: number, y: number, width = 220, height = 60): Box => ({ x, y, width, height });

describe("lining up", () => {
  it("goes the small step to a neighbour's edge, and shows the line they share", () => {
    const { by, guides } = align(box(103, 200), [box(100, 0)], 8);
    expect(by).toEqual({ x: -3, y: 0 });
    expect(guides.map((guide) => [guide.axis, guide.at])).toEqual([
      ["x", 100],
      ["x", 210],
      ["x", 320],
    ]);
    expect(guides[0]).toMatchObject({ from: 0, to: 260 });
  });

  it("takes the nearest of several, and the middles of boxes of different size", () => {
    expect(align(box(0, 47), [box(400, 40, 220, 80), box(400, 46)], 8).by.y).toBe(-1);
    expect(align(box(0, 47), [box(400, 40, 220, 80)], 8).by.y).toBe(3);
  });

  it("keeps to the grid where no neighbour is near, in step or in distance", () => {
    expect(align(box(113, 500), [box(100, 0)], 8)).toEqual({ by: { x: 7, y: 0 }, guides: [] });
    expect(align(box(101, 5_001), [box(101, 0)], 8)).toEqual({ by: { x: -1, y: -1 }, guides: [] });
  });

  it("shows with whom a box lies level where it is, and moves nothing for that", () => {
    expect(guidesAt(box(103, 200), [box(100, 0)])).toEqual([]);
    expect(guidesAt(box(100, 200), [box(100, 0), box(100, 9_000)])[0]).toEqual({
      axis: "x",
      at: 100,
      from: 0,
      to: 260,
    });
  });
});
