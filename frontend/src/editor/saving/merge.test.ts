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

  it("clash over a connection and a group as over a node, but not over a fold", () => {
    const rewired = (target: string) => ({
      ...base,
      edges: [{ ...base.edges[0]!, target }, base.edges[1]!],
    });
    const regrouped = (nodes: string[], collapsed = false) => ({
      ...base,
      groups: [{ ...base.groups[0]!, nodes, collapsed }],
    });
    const edges = merge(base, { ...base, edges: [base.edges[1]!] }, rewired("c"));
    expect(edges.clashes).toMatchObject([
      { part: "edge", id: "a.out-b", mine: null, theirs: { target: "c" } },
    ]);
    expect(takeTheirs(edges.document, edges.clashes).edges.map((edge) => edge.target)).toEqual(["c", "c"]);
    const groups = merge(base, regrouped(["b", "c"]), regrouped(["a", "b"]));
    expect(groups.clashes).toMatchObject([{ part: "group", id: "g" }]);
    expect(takeTheirs(groups.document, groups.clashes).groups[0]!.nodes).toEqual(["a", "b"]);
    expect(merge(base, regrouped(["b"], true), base).document.groups[0]!.collapsed).toBe(true);
    expect(merge(base, regrouped(["b", "c"], true), regrouped(["b", "c"])).clashes).toEqual([]);
  });

  it("keep what both added under one id: mine goes by a new one, and so does all that speaks of it", () => {
    const added = (label: string): Document => ({
      ...base,
      nodes: [
        ...base.nodes,
        makeNode("set", "set", { label, mapping: {} }),
        makeNode("d", "set", { label, mapping: { sum: `{{ nodes.set.x + nodes.a.x }} ${label}` } }),
      ],
      edges: [...base.edges, makeEdge("c", "set")],
      notes: [...base.notes, { ...base.notes[0]!, id: "note_1", text: label }],
      groups: [...base.groups, { ...base.groups[0]!, id: "group_1", title: label, nodes: ["set"] }],
    });
    const { document, clashes, renamed } = merge(base, added("Mine"), added("Theirs"));
    expect(clashes).toEqual([]);
    expect(renamed).toBe(true);
    const byLabel = (label: string) =>
      document.nodes.filter(({ data }) => data.label === label).map(({ id, data }) => [id, data.mapping]);
    expect(byLabel("Theirs")).toEqual([
      ["set", {}],
      ["d", { sum: "{{ nodes.set.x + nodes.a.x }} Theirs" }],
    ]);
    expect(byLabel("Mine")).toEqual([
      ["set_2", {}],
      ["set_3", { sum: "{{ nodes.set_2.x + nodes.a.x }} Mine" }],
    ]);
    expect(document.edges.map((edge) => edge.id)).toContain("c.out-set_2");
    expect(document.notes.map((note) => note.text)).toEqual(["hi", "Theirs", "Mine"]);
    expect(document.groups.map((group) => [group.title, group.nodes])).toEqual([
      ["G", ["b"]],
      ["Theirs", ["set"]],
      ["Mine", ["set_2"]],
    ]);
    expect(merge(base, added("Same"), added("Same")).renamed).toBe(false);
  });
});
