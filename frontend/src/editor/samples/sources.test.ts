import { describe, expect, it } from "vitest";

import type { Json, Sample, Samples } from "@/api";
import { Catalogue, type FlowEdge, type FlowNode } from "@/canvas/graph";
import { makeKind } from "@/canvas/graph/testing";

import { placeOf } from "./passes";
import { furtherUp, inputOf, knownTo, sourcesOf } from "./sources";

const catalogue = new Catalogue([]);
const node = (id: string): FlowNode => ({
  id,
  position: { x: 0, y: 0 },
  data: { componentId: "set", label: id.toUpperCase() },
});
const edge = (source: string, target: string, sourceHandle?: string): FlowEdge => ({
  id: `${source}-${target}`,
  source,
  target,
  sourceHandle,
});
const sample = (value: Json, handle = "out"): Sample => ({
  value,
  handle,
  is_shortened: false,
  schema: {},
  at: "2026-05-01T12:00:00Z",
  run_id: "fl_run_1",
  is_pinned: false,
  stale: null,
});
const samples = (nodes: Record<string, Sample>): Samples => ({
  draft_revision: 1,
  last_run_id: null,
  payload: { who: "Ada" },
  is_shortened: false,
  nodes,
  passes: {},
});

// start → a, b → join; a → check —true→ join
const document = {
  name: "",
  description: "",
  notes: [],
  groups: [],
  nodes: ["start", "a", "b", "check", "join"].map(node),
  edges: [
    edge("start", "a"),
    edge("start", "b"),
    edge("a", "check"),
    edge("b", "join"),
    edge("check", "join", "true"),
  ],
};
const inputAt = (id: string, known: Record<string, Sample>) =>
  inputOf(sourcesOf(document, catalogue, samples(known), id), { who: "Ada" });

describe("what comes in", () => {
  it("is the payload where the run begins", () => {
    expect(inputAt("start", {})).toEqual({ who: "Ada" });
  });

  it("is the only source's value, and unknown before that has run", () => {
    expect(inputAt("a", { start: sample([1]) })).toEqual([1]);
    expect(inputAt("a", {})).toBeUndefined();
  });

  it("merges objects, later edges winning, and lists the rest", () => {
    const check = sample({ n: 2, ok: true }, "true");
    expect(inputAt("join", { b: sample({ n: 1 }), check })).toEqual({ n: 2, ok: true });
    expect(inputAt("join", { b: sample(1), check })).toEqual([1, { n: 2, ok: true }]);
  });

  it("leaves out a way that was not taken, unless there was no other", () => {
    const check = sample({ ok: false }, "false");
    expect(inputAt("join", { b: sample({ n: 1 }), check })).toEqual({ n: 1 });
    expect(inputAt("join", { check })).toEqual({ ok: false });
  });
});

it("lists what lies further up, nearest first", () => {
  expect(furtherUp(document, "join")).toEqual(["a", "start"]);
});

describe("in a loop", () => {
  const looped = new Catalogue([makeKind("for_each", { is_container: true, loop_roots: ["index", "item"] })]);
  const inside = (id: string): FlowNode => ({ ...node(id), parentId: "each" });
  const drawn = {
    ...document,
    nodes: [
      node("start"),
      { ...node("each"), data: { componentId: "for_each" } },
      inside("pay"),
      inside("tell"),
    ],
    edges: [edge("start", "each"), edge("pay", "tell")],
  };
  const told = {
    ...samples({ start: sample(1) }),
    passes: { each: { number: 1, known: 3, value: { sku: "B" }, is_shortened: false } },
  };

  it("begins with what its pass began with, and knows item and index", () => {
    const known = knownTo(drawn, looped, told, "pay");
    expect(known.input).toEqual({ sku: "B" });
    expect(known.loop).toEqual({ index: 1, item: { sku: "B" } });
  });

  it("knows what stands before the loop", () => {
    expect(knownTo(drawn, looped, told, "tell").outputs).toEqual({ start: 1 });
    expect(furtherUp(drawn, "tell")).toEqual(["start"]);
  });

  it("stands in the chosen passes", () => {
    expect(placeOf(drawn, "tell", { each: 2 })).toEqual({ node_id: "tell", iteration: "2" });
    expect(placeOf(drawn, "tell", {})).toBeNull();
    expect(placeOf(drawn, "start", { each: 2 })).toBeNull();
  });
});

it("knows outputs of what stands before, and of nothing else", () => {
  const known = knownTo(document, catalogue, samples({ a: sample(1), join: sample(2) }), "check");
  expect(known.outputs).toEqual({ a: 1 });
  expect(known.labels).toEqual({ start: "START", a: "A" });
  expect(known.trigger).toEqual({ who: "Ada" });
});
