import { describe, expect, it } from "vitest";

import {
  edgeState,
  exitsOf,
  freePlace,
  type Graph,
  legalSources,
  legalTargets,
  neighbour,
  NODE_HEIGHT,
  placeMissing,
  readingOrder,
  refusal,
} from "./index";
import { makeEdge, makeKind, makeNode, testCatalogue as catalogue } from "./testing";

const chain: Graph = {
  nodes: [makeNode("start", "manual_trigger"), makeNode("a", "set", {}, 300), makeNode("b", "if", {}, 600)],
  edges: [makeEdge("start", "a"), makeEdge("a", "b")],
};

describe("the exits of a node", () => {
  it("come from the catalogue", () => {
    expect(exitsOf(makeNode("x", "if"), catalogue.get("if"))).toEqual(["true", "false"]);
    expect(exitsOf(makeNode("x", "stop"), catalogue.get("stop"))).toEqual([]);
  });

  it("of a switch are its cases, then default", () => {
    const node = makeNode("x", "switch", { cases: [{ name: "big" }, { name: "small" }, { name: "" }] });
    expect(exitsOf(node, catalogue.get("switch"))).toEqual(["big", "small", "default"]);
  });

  it("are read from nested parameters too", () => {
    const node = makeNode("x", "switch", { parameters: { cases: [{ name: "big" }] } });
    expect(exitsOf(node, catalogue.get("switch"))).toEqual(["big", "default"]);
  });

  it("include `error` only when the node is told to take it", () => {
    const http = catalogue.get("http_request");
    expect(exitsOf(makeNode("x", "http_request"), http)).toEqual(["out"]);
    expect(exitsOf(makeNode("x", "http_request", { on_error: "error" }), http)).toEqual(["out", "error"]);
    expect(exitsOf(makeNode("x", "http_request", { continue_on_error: true }), http)).toEqual([
      "out",
      "error",
    ]);
    expect(
      exitsOf(makeNode("x", "http_request", { continue_on_error: true, on_error: "stop" }), http),
    ).toEqual(["out"]);
  });

  it("include `error` for a kind that has it in any case, and `compensate` for a node that can be undone", () => {
    const attempt = makeKind("try", { handles: ["out", "error"], can_fail: false });
    expect(exitsOf(makeNode("x", "try"), attempt)).toEqual(["out", "error"]);
    expect(exitsOf(makeNode("x", "set", { compensate: true }), catalogue.get("set"))).toEqual([
      "out",
      "compensate",
    ]);
  });
});

describe("a link is refused, with the reason,", () => {
  it("when it would close a circle", () => {
    expect(refusal(chain, catalogue, { source: "b", sourceHandle: "true", target: "a" })).toMatch(/circle/);
  });

  it("when it leads into a trigger", () => {
    expect(refusal(chain, catalogue, { source: "a", sourceHandle: "out", target: "start" })).toMatch(
      /trigger/,
    );
  });

  it("when it leads back into its own node", () => {
    expect(refusal(chain, catalogue, { source: "a", sourceHandle: "out", target: "a" })).toMatch(/itself/);
  });

  it("when it is there already", () => {
    expect(refusal(chain, catalogue, { source: "start", sourceHandle: "out", target: "a" })).toMatch(
      /already/,
    );
  });

  it("when the exit does not exist", () => {
    expect(refusal(chain, catalogue, { source: "a", sourceHandle: "maybe", target: "b" })).toMatch(/no exit/);
  });

  it("but not when the edge it would double is the one being moved", () => {
    const link = { source: "start", sourceHandle: "out", target: "a" };
    expect(refusal(chain, catalogue, link, "start.out-a")).toBeNull();
  });

  it("and the lists of legal ends agree with it", () => {
    const diamond: Graph = {
      nodes: [...chain.nodes, makeNode("c"), makeNode("d", "stop")],
      edges: [...chain.edges, makeEdge("b", "c", "true"), makeEdge("b", "d", "false")],
    };
    for (const source of diamond.nodes)
      for (const sourceHandle of exitsOf(source, catalogue.of(source))) {
        const legal = new Set(
          legalTargets(diamond, catalogue, source.id, sourceHandle).map((node) => node.id),
        );
        for (const target of diamond.nodes) {
          const allowed =
            refusal(diamond, catalogue, { source: source.id, sourceHandle, target: target.id }) === null;
          expect(legal.has(target.id), `${source.id}.${sourceHandle} → ${target.id}`).toBe(allowed);
        }
      }
    expect(legalSources(diamond, catalogue, "c").map((node) => node.id)).toEqual(["start", "a", "b"]);
    expect(legalSources(diamond, catalogue, "start")).toEqual([]);
  });
});

describe("an edge in a run", () => {
  it("is taken when its node left by it, skipped when by another", () => {
    const state = { status: "completed", handle: "true" } as const;
    expect(edgeState({ sourceHandle: "true" }, state)).toBe("taken");
    expect(edgeState({ sourceHandle: "false" }, state)).toBe("skipped");
  });

  it("of a plain exit needs no name", () => {
    expect(edgeState({ sourceHandle: null }, { status: "completed", handle: null })).toBe("taken");
    expect(edgeState({}, { status: "completed", handle: "out" })).toBe("taken");
  });

  it("is taken after a failure that had an exit, else skipped", () => {
    expect(edgeState({ sourceHandle: "error" }, { status: "failed", handle: "error" })).toBe("taken");
    expect(edgeState({}, { status: "failed", handle: null })).toBe("skipped");
    expect(edgeState({}, { status: "skipped", handle: null })).toBe("skipped");
  });

  it("is idle while its node is at work or unknown", () => {
    expect(edgeState({}, { status: "running", handle: null })).toBe("idle");
    expect(edgeState({}, undefined)).toBe("idle");
  });
});

describe("placing", () => {
  it("finds the nearest free place below", () => {
    const at = freePlace([makeNode("a", "set", {}, 0, 0)], { x: 3, y: -4 });
    expect(at.x).toBe(0);
    expect(at.y).toBeGreaterThan(NODE_HEIGHT);
  });

  it("lays out nodes without a position, column by column, and leaves the others alone", () => {
    const bare = chain.nodes.map((node) => ({ ...node, position: undefined }));
    const laid = placeMissing({ nodes: bare, edges: chain.edges });
    expect(laid.nodes.map((node) => node.position)).toEqual([
      { x: 0, y: 0 },
      { x: 300, y: 0 },
      { x: 600, y: 0 },
    ]);
    expect(placeMissing(chain)).toBe(chain);
  });
});

describe("walking", () => {
  it("reads a node after all that lead to it, and drops none in a cycle", () => {
    const tangled: Graph = {
      nodes: [...chain.nodes].reverse(),
      edges: [...chain.edges, makeEdge("b", "a", "true")],
    };
    expect(readingOrder(chain).map((node) => node.id)).toEqual(["start", "a", "b"]);
    expect(readingOrder(tangled)).toHaveLength(3);
  });

  it("follows edges to the right and left, and jumps to what lies that way where none leads", () => {
    const graph: Graph = { ...chain, nodes: [...chain.nodes, makeNode("island", "set", {}, 300, 200)] };
    expect(neighbour(graph, null, "right")).toBe("start");
    expect(neighbour(graph, "start", "right")).toBe("a");
    expect(neighbour(graph, "b", "left")).toBe("a");
    expect(neighbour(graph, "a", "down")).toBe("island");
    expect(neighbour(graph, "island", "up")).toBe("a");
    expect(neighbour(graph, "b", "right")).toBeNull();
  });
});
