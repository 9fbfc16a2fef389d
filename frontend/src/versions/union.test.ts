import { describe, expect, it } from "vitest";

import { makeEdge, makeNode } from "@/canvas/graph/testing";

import { union } from "./union";

const drawing = (ids: string[], edges: ReturnType<typeof makeEdge>[]) => ({
  nodes: ids.map((id) => makeNode(id)),
  edges,
  notes: [],
  groups: [],
});

describe("two drawings in one", () => {
  it("shows what is no more, under an id of its own, and marks all that differs", () => {
    const before = drawing(["a", "b"], [{ ...makeEdge("a", "b"), id: "e" }]);
    const after = drawing(["a", "c"], [{ ...makeEdge("a", "c"), id: "e" }]);
    const ends = { source: "a", handle: "out" };
    const { drawing: both, marks } = union(after, before, {
      nodes: [
        { id: "c", change: "added", component: "set", label: null, fields: [] },
        { id: "b", change: "removed", component: "set", label: null, fields: [] },
      ],
      edges: [
        { id: "e", change: "added", ...ends, target: "c" },
        { id: "e", change: "removed", ...ends, target: "b" },
      ],
      annotations_changed: false,
      is_same: false,
      is_layout_only: false,
    });
    expect(both.nodes.map((node) => node.id)).toEqual(["a", "c", "b"]);
    expect(both.edges.map((edge) => edge.id)).toEqual(["e", "e (before)"]);
    expect(marks).toEqual({
      nodes: { c: "added", b: "removed" },
      edges: { e: "added", "e (before)": "removed" },
    });
  });
});
