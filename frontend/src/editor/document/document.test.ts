import { describe, expect, it } from "vitest";

import { makeEdge, makeNode, testCatalogue as catalogue } from "@/canvas/graph/testing";

import {
  applyChanges,
  type Change,
  commit,
  connect,
  copyText,
  type Document,
  insertNode,
  nudge,
  paste,
  readClipping,
  reconnect,
  redo,
  remove,
  setDisabled,
  startHistory,
  undo,
} from "./index";
import { makeNodeId } from "./ids";

const empty: Document = { name: "Orders", description: "", nodes: [], edges: [], notes: [], groups: [] };
const chain: Document = {
  ...empty,
  nodes: [
    makeNode("start", "manual_trigger"),
    makeNode("a", "http_request", {}, 300),
    makeNode("b", "set", {}, 600),
  ],
  edges: [makeEdge("start", "a"), makeEdge("a", "b")],
};
const wires = (document: Document) =>
  document.edges.map((e) => `${e.source}.${e.sourceHandle ?? "out"}>${e.target}`);
const after = (document: Document, edit: { changes: readonly Change[] }) =>
  applyChanges(document, edit.changes).document;

describe("a change", () => {
  const all: Change[] = [
    { type: "node.move", id: "a", position: { x: 5, y: 6 } },
    { type: "node.set", id: "a", patch: { url: "http://x", disabled: true } },
    { type: "node.set", id: "a", patch: { disabled: undefined } },
    { type: "edge.remove", id: "start.out-a" },
    { type: "node.remove", id: "start" },
    { type: "node.add", node: makeNode("c") },
    { type: "edge.add", edge: makeEdge("b", "c") },
    { type: "cover.set", patch: { name: "Invoices" } },
  ];

  it("has an inverse that leads back to exactly where it began", () => {
    const { document, inverse } = applyChanges(chain, all);
    expect(document.name).toBe("Invoices");
    expect(document.nodes.find((node) => node.id === "a")?.data).toEqual({
      componentId: "http_request",
      url: "http://x",
    });
    expect(applyChanges(document, inverse).document).toEqual(chain);
  });

  it("to what is gone does nothing", () => {
    const { document, inverse } = applyChanges(chain, [
      { type: "node.move", id: "gone", position: { x: 0, y: 0 } },
    ]);
    expect(document).toBe(chain);
    expect(inverse).toEqual([]);
  });

  it("leaves every other node the same object, so that only what changed is drawn again", () => {
    const { document } = applyChanges(chain, [all[0]!]);
    expect(document.nodes[0]).toBe(chain.nodes[0]);
    expect(document.edges).toBe(chain.edges);
  });
});

describe("history", () => {
  it("undoes and redoes two hundred steps", () => {
    let history = startHistory(empty);
    for (let i = 0; i < 200; i++)
      history = commit(history, { label: "Add", changes: [{ type: "node.add", node: makeNode(`n${i}`) }] });
    const full = history.document;
    for (let i = 0; i < 200; i++) history = undo(history);
    expect(history.document).toEqual(empty);
    expect(undo(history)).toBe(history);
    for (let i = 0; i < 200; i++) history = redo(history);
    expect(history.document).toEqual(full);
  });

  it("merges edits of one field into one step", () => {
    let history = startHistory(chain);
    for (const url of ["h", "ht", "htt"])
      history = commit(history, {
        label: "Edit",
        merge: "a url",
        changes: [{ type: "node.set", id: "a", patch: { url } }],
      });
    expect(history.past).toHaveLength(1);
    history = undo(history);
    expect(history.document).toEqual(chain);
    expect(redo(history).document.nodes[1]?.data.url).toBe("htt");
  });

  it("forgets the future once something new is done", () => {
    let history = commit(startHistory(chain), nudge(chain, ["a"], { x: 1, y: 0 }));
    history = undo(history);
    history = commit(history, setDisabled(history.document, ["a"]));
    expect(history.future).toEqual([]);
  });

  it("keeps nothing of an edit that changed nothing", () => {
    const history = startHistory(chain);
    expect(commit(history, { label: "x", changes: [] })).toBe(history);
  });
});

describe("ids", () => {
  it.each([
    ["http_request", [], "http_request"],
    ["http_request", ["http_request", "http_request_2"], "http_request_3"],
    ["if", [], "if_1"],
    ["9-Lives!", [], "_9_lives"],
    ["…", [], "node"],
  ])("of %s beside %j is %s", (kind, taken, id) => {
    expect(makeNodeId(kind, (candidate) => taken.includes(candidate))).toBe(id);
  });
});

describe("adding a node", () => {
  const kindOf = (name: string) => catalogue.get(name)!;

  it("after another arrives wired to the exit it was asked from", () => {
    const edit = insertNode(chain, catalogue, kindOf("if"), { at: "after", source: "b", handle: "out" });
    const document = after(chain, edit);
    expect(wires(document)).toContain("b.out>if_1");
    expect(document.nodes.at(-1)?.position).toEqual({ x: 900, y: 0 });
  });

  it("on an edge puts it between both ends and makes room", () => {
    const edit = insertNode(chain, catalogue, kindOf("if"), { at: "edge", edge: "start.out-a" });
    const document = after(chain, edit);
    expect(wires(document)).toEqual(["a.out>b", "start.out>if_1", "if_1.true>a"]);
    const x = Object.fromEntries(document.nodes.map((node) => [node.id, node.position?.x]));
    expect(x).toEqual({ start: 0, if_1: 300, a: 600, b: 900 });
  });

  it("before another leads into it; into a trigger it stays unwired", () => {
    const point = { x: 0, y: 0 };
    const fine = insertNode(chain, catalogue, kindOf("set"), { at: "before", target: "b", point });
    expect(wires(after(chain, fine))).toContain("set.out>b");
    const refused = insertNode(chain, catalogue, kindOf("set"), { at: "before", target: "start", point });
    expect(wires(after(chain, refused))).toEqual(wires(chain));
  });

  it("gives a second of its kind a label of its own", () => {
    const one = after(
      empty,
      insertNode(empty, catalogue, kindOf("set"), { at: "point", point: { x: 0, y: 0 } }),
    );
    const two = after(one, insertNode(one, catalogue, kindOf("set"), { at: "point", point: { x: 0, y: 0 } }));
    expect(two.nodes.map((node) => node.data.label)).toEqual(["Set", "Set 2"]);
  });
});

describe("removing nodes", () => {
  it("closes the chain over them", () => {
    const document = after(chain, remove(chain, catalogue, ["a"], []));
    expect(wires(document)).toEqual(["start.out>b"]);
  });

  it("closes it over several in a row too, and undoes in one step", () => {
    const longer = after(
      chain,
      insertNode(chain, catalogue, catalogue.get("set")!, { at: "after", source: "b", handle: "out" }),
    );
    const history = commit(startHistory(longer), remove(longer, catalogue, ["a", "b"], []));
    expect(wires(history.document)).toEqual(["start.out>set"]);
    expect(undo(history).document).toEqual(longer);
  });

  it("does not guess between two branches", () => {
    const forked: Document = {
      ...empty,
      nodes: [makeNode("start", "manual_trigger"), makeNode("q", "if"), makeNode("yes"), makeNode("no")],
      edges: [makeEdge("start", "q"), makeEdge("q", "yes", "true"), makeEdge("q", "no", "false")],
    };
    expect(after(forked, remove(forked, catalogue, ["q"], [])).edges).toEqual([]);
  });

  it("removes single connections", () => {
    expect(wires(after(chain, remove(chain, catalogue, [], ["a.out-b"])))).toEqual(["start.out>a"]);
  });
});

describe("wiring", () => {
  it("writes the plain exit without a name and others by theirs", () => {
    const plain = connect(chain, { source: "start", sourceHandle: "out", target: "b" });
    expect(after(chain, plain).edges.at(-1)).toMatchObject({
      source: "start",
      target: "b",
      sourceHandle: null,
    });
    const named = connect(chain, { source: "a", sourceHandle: "error", target: "b" });
    expect(after(chain, named).edges.at(-1)?.sourceHandle).toBe("error");
  });

  it("keeps what else an edge carried when one end moves", () => {
    const marked = { ...chain, edges: [{ ...chain.edges[0]!, note: "kept" }, chain.edges[1]!] };
    const edit = reconnect(marked, "start.out-a", { source: "start", sourceHandle: "out", target: "b" });
    expect(after(marked, edit).edges.at(-1)).toEqual({
      ...marked.edges.find((edge) => edge.id === "start.out-a"),
      target: "b",
    });
  });
});

describe("the clipboard", () => {
  it("holds the chosen nodes and the edges among them, and pastes them under new ids", () => {
    const clipping = readClipping(copyText(chain, new Set(["a", "b"]), new Set()))!;
    expect(clipping.edges).toHaveLength(1);
    const edit = paste(chain, clipping);
    const document = after(chain, edit);
    expect(edit.ids).toEqual(["http_request", "set"]);
    expect(wires(document)).toContain("http_request.out>set");
    expect(document.nodes.at(-1)?.position).toEqual({ x: 640, y: 40 });
  });

  it("puts the group where it is asked to", () => {
    const edit = paste(chain, readClipping(copyText(chain, new Set(["a", "b"]), new Set()))!, {
      x: 100,
      y: 100,
    });
    expect(
      after(chain, edit)
        .nodes.slice(-2)
        .map((node) => node.position),
    ).toEqual([
      { x: 100, y: 100 },
      { x: 400, y: 100 },
    ]);
  });

  it.each(["", "hello", "[1]", '{"nodes":[]}', '{"nodes":[{"id":1}]}'])(
    "is not ours when it holds %j",
    (text) => {
      expect(readClipping(text)).toBeNull();
    },
  );
});
