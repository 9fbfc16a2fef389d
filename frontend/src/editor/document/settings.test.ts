import { describe, expect, it } from "vitest";

import { makeEdge, makeNode, testCatalogue as catalogue } from "@/canvas/graph/testing";

import { applyChanges, type Document, setSetting } from "./index";

const document: Document = {
  name: "Orders",
  description: "",
  nodes: [
    makeNode("sort", "switch", { cases: [{ name: "big" }, { name: "small" }] }),
    makeNode("fetch", "http_request", { on_error: "error" }),
    makeNode("nested", "switch", { parameters: { cases: [] } }),
    makeNode("end"),
  ],
  edges: [
    makeEdge("sort", "end", "big"),
    makeEdge("sort", "fetch", "small"),
    makeEdge("fetch", "end", "error"),
  ],
  notes: [],
  groups: [],
};
const set = (id: string, name: string, value: unknown) =>
  applyChanges(document, setSetting(document, catalogue, id, name, value).changes).document;
const exits = (changed: Document) =>
  changed.edges.map((edge) => `${edge.source}.${edge.sourceHandle ?? "out"}`).sort();

describe("setting a setting", () => {
  it("takes the edges of a renamed case along", () => {
    const renamed = set("sort", "cases", [{ name: "large" }, { name: "small" }]);
    expect(exits(renamed)).toEqual(["fetch.error", "sort.large", "sort.small"]);
  });

  it("removes the edges of a case that is gone, in the same step", () => {
    expect(exits(set("sort", "cases", [{ name: "small" }]))).toEqual(["fetch.error", "sort.small"]);
  });

  it("removes the edge of the error exit when errors no longer leave by it", () => {
    expect(exits(set("fetch", "on_error", "stop"))).toEqual(["sort.big", "sort.small"]);
  });

  it("leaves it where a program put it", () => {
    const changed = set("nested", "cases", [{ name: "a" }]).nodes.find((node) => node.id === "nested");
    expect(changed?.data).toEqual({ componentId: "switch", parameters: { cases: [{ name: "a" }] } });
    const labelled = set("nested", "label", "Sorter").nodes.find((node) => node.id === "nested");
    expect(labelled?.data.label).toBe("Sorter");
  });

  it("takes an unset key away", () => {
    expect(set("fetch", "on_error", undefined).nodes[1]?.data).toEqual({ componentId: "http_request" });
  });
});
