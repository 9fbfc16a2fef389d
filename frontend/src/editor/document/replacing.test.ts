import { expect, it } from "vitest";

import { makeEdge, makeNode } from "@/canvas/graph/testing";

import type { Document } from "./changes";
import { commit, startHistory, undo } from "./history";
import { replaceBy } from "./replacing";

const document: Document = {
  name: "Orders",
  description: "",
  nodes: [makeNode("a"), makeNode("b", "set", { mapping: { x: 1 } }), makeNode("c")],
  edges: [makeEdge("a", "b"), makeEdge("b", "c")],
  notes: [],
  groups: [{ id: "g", title: "G", nodes: ["b"], collapsed: false, colour: "grey" }],
};
const target = {
  nodes: [document.nodes[0]!, makeNode("d"), makeNode("b", "set", { mapping: { x: 2 } })],
  edges: [makeEdge("a", "d"), makeEdge("d", "b")],
  notes: [{ id: "n", text: "", position: { x: 0, y: 0 }, width: 100, height: 100, colour: "red" as const }],
  groups: [{ ...document.groups[0]!, title: "H" }],
};

it("is one step to the other drawing, and one back", () => {
  const history = commit(startHistory(document), replaceBy(document, target, "Restore version 1"));
  expect(history.document).toEqual({ ...document, ...target });
  expect(history.document.nodes[0]).toBe(document.nodes[0]);
  expect(history.past.map((entry) => entry.label)).toEqual(["Restore version 1"]);
  expect(undo(history).document).toEqual(document);
});

it("is no step to where one is already", () => {
  expect(replaceBy(document, structuredClone(document), "Restore").changes).toEqual([]);
});
