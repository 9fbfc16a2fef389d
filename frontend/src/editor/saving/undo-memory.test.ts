import { beforeEach, describe, expect, it } from "vitest";

import { makeNode } from "@/canvas/graph/testing";

import type { Document } from "../document";
import { createEditorStore, documentOf, type EditorStore } from "../store";
import { keepUndo } from "./undo-memory";

const start: Document = {
  name: "Orders",
  description: "",
  nodes: [makeNode("a")],
  edges: [],
  notes: [],
  groups: [],
};
const open = (document = start) => createEditorStore(document);

const move = (store: EditorStore, x: number) =>
  store.getState().edit({
    label: "Move",
    changes: [{ type: "node.move", id: "a", position: { x, y: 0 } }],
  });
const x = (store: EditorStore) => documentOf(store.getState()).nodes[0]!.position!.x;

beforeEach(() => sessionStorage.clear());

describe("steps to undo", () => {
  it("outlive a reload, all hundred and more of them, and lead all the way back and forth", () => {
    const before = open();
    const stop = keepUndo("fl_1", before);
    for (let step = 1; step <= 150; step++) move(before, step);
    before.getState().undo();
    stop();

    const after = open(documentOf(before.getState()));
    keepUndo("fl_1", after);
    after.getState().redo();
    expect(x(after)).toBe(150);
    for (let step = 0; step < 150; step++) after.getState().undo();
    expect(x(after)).toBe(0);
  });

  it("are not taken for steps of a drawing that was changed elsewhere", () => {
    const before = open();
    const stop = keepUndo("fl_1", before);
    move(before, 20);
    stop();
    const after = open();
    keepUndo("fl_1", after);
    expect(after.getState().history.past).toEqual([]);
  });
});
