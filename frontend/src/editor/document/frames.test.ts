import { describe, expect, it } from "vitest";

import { fromWire, nodeBoxes, refusal, toWire, type FlowNode } from "@/canvas/graph";
import { makeEdge, makeNode, testCatalogue as catalogue } from "@/canvas/graph/testing";

import { placed } from "../drawing/layout";
import { planOf, tidied } from "../drawing/tidy";
import {
  addNote,
  applyChanges,
  commit,
  copyText,
  type Document,
  type Edit,
  groupNodes,
  insertNode,
  moveInto,
  move,
  nudge,
  paste,
  readClipping,
  remove,
  settle,
  startHistory,
  undo,
  ungroup,
} from "./index";

const inside = (node: FlowNode, parentId: string): FlowNode => ({ ...node, parentId });

/** start → each(a → b) → end */
const looped: Document = {
  name: "Orders",
  description: "",
  nodes: [
    makeNode("start", "manual_trigger"),
    makeNode("each", "for_each", {}, 300, 0),
    inside(makeNode("a", "set", {}, 340, 80), "each"),
    inside(makeNode("b", "set", {}, 640, 80), "each"),
    makeNode("end", "set", {}, 1000, 0),
  ],
  edges: [makeEdge("start", "each"), makeEdge("each", "end"), makeEdge("a", "b")],
  notes: [],
  groups: [],
};
const after = (document: Document, edit: Edit) =>
  applyChanges(document, settle(document, edit).changes).document;
const at = (document: Document, id: string) => document.nodes.find((node) => node.id === id)!;

describe("containers", () => {
  it("are as large as what lies in them, and grow to the left when something is moved there", () => {
    expect(nodeBoxes(looped, catalogue).get("each")).toEqual({ x: 300, y: 0, width: 600, height: 180 });
    const moved = after(looped, nudge(looped, ["a"], { x: -10, y: -5 }));
    expect(at(moved, "each").position).toEqual({ x: 100, y: -100 });
    expect(at(moved, "a").position).toEqual({ x: 140, y: -20 });
  });

  it("come onto the grid by the first step of a key, with what is chosen beside them", () => {
    const askew = after(looped, move([["start", { x: 7, y: 13 }]]));
    const right = after(askew, nudge(askew, ["start", "end"], { x: 1, y: 0 }));
    expect(at(right, "start").position).toEqual({ x: 20, y: 13 });
    expect(at(right, "end").position!.x - at(askew, "end").position!.x).toBe(13);
    expect(at(after(askew, nudge(askew, ["start"], { x: 0, y: -5 })), "start").position).toEqual({
      x: 7,
      y: -80,
    });
  });

  it("take along what lies in them when they move, go or are copied", () => {
    expect(at(after(looped, nudge(looped, ["each"], { x: 0, y: 2 })), "b").position).toEqual({
      x: 640,
      y: 120,
    });
    const left = after(looped, remove(looped, catalogue, ["each"], []));
    expect(left.nodes.map((node) => node.id)).toEqual(["start", "end"]);
    expect(left.edges.map((edge) => [edge.source, edge.target])).toEqual([["start", "end"]]);
    const pasted = after(
      looped,
      paste(looped, readClipping(copyText(looped, new Set(["each"]), new Set()))!),
    );
    expect(at(pasted, "set").parentId).toBe("for_each");
    expect(pasted.edges).toHaveLength(4);
  });

  it("take a node in, cutting the edges that would cross the border and closing the chain outside", () => {
    const chain = { ...looped, edges: [...looped.edges, makeEdge("end", "last")] };
    const document = { ...chain, nodes: [...chain.nodes, makeNode("last", "set", {}, 1400)] };
    const taken = after(document, { label: "", changes: moveInto(document, catalogue, ["end"], "each") });
    expect(at(taken, "end").parentId).toBe("each");
    expect(taken.edges.map((edge) => `${edge.source} ${edge.target}`)).toContain("each last");
    expect(taken.edges.some((edge) => edge.source === "end" || edge.target === "end")).toBe(false);
  });

  it("allow edges among what lies in the same one only", () => {
    expect(refusal(looped, catalogue, { source: "b", sourceHandle: "out", target: "end" })).toMatch(
      /same container/,
    );
    expect(refusal(looped, catalogue, { source: "start", sourceHandle: "out", target: "end" })).toBeNull();
  });

  it("hold what is added in them or after something in them", () => {
    const kind = catalogue.get("set")!;
    const point = insertNode(looped, catalogue, kind, { at: "point", point: { x: 400, y: 150 } });
    expect(at(after(looped, point), point.id).parentId).toBe("each");
    const next = insertNode(looped, catalogue, kind, { at: "after", source: "b", handle: "out" });
    expect(at(after(looped, next), next.id).parentId).toBe("each");
    const beyond = insertNode(looped, catalogue, kind, { at: "after", source: "end", handle: "out" });
    expect(at(after(looped, beyond), beyond.id).parentId).toBeUndefined();
  });

  it("speak on the wire as canvas libraries do: children from their container's corner, after it in the list", () => {
    const wire = toWire({ ...looped, nodes: looped.nodes.toReversed() });
    expect(wire.nodes.find((node) => node.id === "a")!.position).toEqual({ x: 40, y: 80 });
    const order = wire.nodes.map((node) => node.id);
    expect(order.indexOf("each")).toBeLessThan(order.indexOf("a"));
    expect(fromWire(toWire(looped))).toEqual(looped);
  });

  it("are tidied with what lies in them, and nothing overlaps", () => {
    const tidy = after(looped, tidied(looped, placed(planOf(looped, catalogue, new Set()))));
    const boxes = nodeBoxes(tidy, catalogue);
    const each = boxes.get("each")!;
    expect(boxes.get("end")!.x).toBeGreaterThan(each.x + each.width);
    for (const id of ["a", "b"]) {
      expect(boxes.get(id)!.x).toBeGreaterThan(each.x);
      expect(boxes.get(id)!.x + boxes.get(id)!.width).toBeLessThan(each.x + each.width);
    }
  });
});

describe("notes and groups", () => {
  it("are edits like any other: they can be undone", () => {
    let history = startHistory(looped);
    history = commit(history, addNote(looped, { x: 3, y: 4 }));
    history = commit(history, groupNodes(history.document, ["start", "end"]));
    expect(history.document.notes[0]).toMatchObject({ id: "note_1", position: { x: 0, y: 0 } });
    history = commit(history, ungroup(history.document, new Set(["end"])));
    expect(history.document.groups).toEqual([]);
    expect(undo(history).document.groups[0]!.nodes).toEqual(["start", "end"]);
    expect(undo(undo(undo(history))).document).toEqual(looped);
  });

  it("a node is in one group only, and a group goes with its last node", () => {
    const first = after(looped, groupNodes(looped, ["start", "end"]));
    const second = after(first, groupNodes(first, ["end"]));
    expect(second.groups.map((group) => group.nodes)).toEqual([["start"], ["end"]]);
    expect(after(second, remove(second, catalogue, ["end"], [])).groups).toHaveLength(1);
  });
});
