import { describe, expect, it, vi } from "vitest";

import { createCanvasStore } from "@/canvas";
import { makeEdge, makeNode, testCatalogue } from "@/canvas/graph/testing";

import { createEditorStore } from "../store";
import { startValidating } from "./validator";

describe("the list of problems", () => {
  it("holds what the server finds, and the nodes that nothing leads to", async () => {
    const inside = { ...makeNode("inside"), parentId: "each" };
    const store = createEditorStore({
      name: "Orders",
      description: "",
      nodes: [makeNode("start", "manual_trigger"), makeNode("each", "for_each"), inside, makeNode("lost")],
      edges: [makeEdge("start", "each")],
      notes: [],
      groups: [],
    });
    const canvas = createCanvasStore({ catalogue: testCatalogue });
    const missing = { path: "nodes[1].data.items", code: "missing_parameter", message: "", node_id: "each" };
    const stop = startValidating(store, canvas, () => Promise.resolve([missing]));
    await vi.waitFor(() => expect(store.getState().problems).toHaveLength(2));
    expect(canvas.getState().problems).toEqual({ each: 1, lost: 1 });
    stop();
  });
});
