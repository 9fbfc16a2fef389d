import { describe, expect, it } from "vitest";

import { makeEdge, makeNode } from "@/canvas/graph/testing";

import type { Document } from "../document";
import { merge, takeTheirs } from "./merge";

const base: Document = {
  name: "Orders",
  description: "",
  nodes: [makeNode("a", "set", { mapping: { x: 1 } }), makeNode("b"), makeNode("c")],
  edges: [makeEdge("a", "b"), makeEdge("b", "c")],
  notes: [{ id: "n", text: "hi", position: { x: 0, y: 0 }, width: 200, height: 100, colour: "yellow" }],
  groups: [{ id: "g", title: "G", nodes: ["b"], collapsed: false, colour: "grey" }],
};
const change = (id: string, data: object, document = base): Document => ({
  ...document,
  nodes: document.nodes.map((node) => (node.id === id ? { ...node, data: { ...node.data, ...data } } : node)),
});
const without = (id: string): Document => ({
  ...base,
  nodes: base.nodes.filter((node) => node.id !== id),
  edges: base.edges.filter((edge) => edge.source !== id && edge.target !== id),
});
const node = (document: Document, id: string) => document.nodes.find((candidate) => candidate.id === id);

describe("two drafts of one base", () => {
  it("keep the edits of both when they are to different things", () => {
    const mine = { ...change("a", { label: "Mine" }), name: "Renamed", edges: [base.edges[0]!] };
    const theirs = {
      ...change("b", { label: "Theirs" }),
      nodes: [...change("b", { label: "Theirs" }).nodes, makeNode("d")],
      edges: [...base.edges, makeEdge("c", "d")],
      notes: [],
    };
    const { document, clashes } = merge(base, mine, theirs);
    expect(clashes).toEqual([]);
    expect(document.name).toBe("Renamed");
    expect(document.nodes.map(({ data }) => data.label)).toEqual(["Mine", "Theirs", undefined, undefined]);
    expect(document.edges.map((edge) => edge.id)).toEqual(["a.out-b", "c.out-d"]);
    expect(document.notes).toEqual([]);
  });

  it("ask nobody about where a node lies", () => {
    const mine = { ...base, nodes: base.nodes.map((each) => ({ ...each, position: { x: 9, y: 9 } })) };
    const { document, clashes } = merge(base, mine, change("a", { label: "Theirs" }));
    expect(clashes).toEqual([]);
    expect(node(document, "a")).toMatchObject({ position: { x: 9, y: 9 }, data: { label: "Theirs" } });
  });

  it("clash only where both changed one thing differently, and leave the choice", () => {
    const mine = change("a", { label: "Mine" });
    const theirs = change("a", { label: "Theirs" }, change("b", { label: "Also theirs" }));
    const { document, clashes } = merge(base, mine, theirs);
    expect(clashes.map((clash) => [clash.part, clash.id])).toEqual([["node", "a"]]);
    expect(node(document, "a")!.data.label).toBe("Mine");
    const chosen = takeTheirs(document, clashes);
    expect(node(chosen, "a")!.data.label).toBe("Theirs");
    expect(node(chosen, "b")!.data.label).toBe("Also theirs");
    expect(merge(base, mine, mine).clashes).toEqual([]);
  });

  it("count taking away against changing as a clash, and leave nothing hanging", () => {
    const { document, clashes } = merge(base, without("b"), change("b", { label: "Theirs" }));
    expect(clashes).toMatchObject([{ part: "node", id: "b", mine: null }]);
    expect(document.groups).toEqual([]);
    expect(node(takeTheirs(document, clashes), "b")!.data.label).toBe("Theirs");
    const added = { ...base, edges: [...base.edges, makeEdge("a", "c")] };
    expect(merge(base, added, without("c")).document.edges.map((edge) => edge.id)).toEqual(["a.out-b"]);
  });
});
