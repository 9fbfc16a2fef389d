import { afterEach, beforeEach, expect, it, vi } from "vitest";

import type { Run } from "@/api";
import { createCanvasStore } from "@/canvas";
import { run as sampleRun } from "@/testing/samples";
import { Refusal, stubServer } from "@/testing/server";

import type { Saver } from "../saving/saver";
import { createEditorStore } from "../store";
import { Runner } from "./runner";

const EXECUTE = "/workflows/fl_01/execute";
const nothing = { name: "Orders", description: "", nodes: [], edges: [], notes: [], groups: [] };
const started = vi.fn<(run: Run) => void>();

function make(saved = true) {
  const store = createEditorStore(nothing);
  const canvas = createCanvasStore();
  const saver = { flush: () => Promise.resolve(saved) } as Saver;
  return { store, canvas, runner: new Runner("fl_01", store, canvas, saver, started) };
}

beforeEach(() => {
  localStorage.clear();
  started.mockReset();
});
afterEach(() => void vi.useRealTimers());

it("asks the server before it draws anything, and asks once however often it is told to", async () => {
  vi.useFakeTimers();
  const server = stubServer({ [`POST ${EXECUTE}`]: sampleRun() });
  const { runner } = make();
  const running = runner.run();
  void runner.run();
  expect(runner.state.getState().status).toBe("idle");
  await vi.waitFor(() => expect(server.asks("POST", EXECUTE)).toHaveLength(1));
  await running;
  expect(started).toHaveBeenCalledOnce();
});

it("takes the run before off the canvas while the server is asked", async () => {
  let answer = (_: unknown) => {};
  stubServer({ [`POST ${EXECUTE}`]: () => new Promise((resolve) => (answer = resolve)) });
  const { runner, store, canvas } = make();
  store.setState({ runId: "fl_run_old" });
  canvas.setState({ counts: { a: 2 } });
  const running = runner.run();
  await vi.waitFor(() => expect(runner.state.getState().status).toBe("starting"));
  expect(store.getState()).toMatchObject({ runId: null, drawerOpen: true });
  expect(canvas.getState().counts).toEqual({});
  answer(sampleRun({ id: "fl_run_new" }));
  await running;
  expect(store.getState().runId).toBe("fl_run_new");
  expect(runner.state.getState().status).toBe("idle");
});

it("says why nothing was started, and can be told to start again", async () => {
  const no = new Refusal(422, { title: "Unfinished", code: "invalid" });
  const server = stubServer({ [`POST ${EXECUTE}`]: no });
  const { runner } = make();
  await runner.run();
  expect(runner.state.getState()).toMatchObject({ status: "refused", problem: { code: "invalid" } });
  await runner.run();
  expect(server.asks("POST", EXECUTE)).toHaveLength(2);
});

it("runs no draft that is not on the server", async () => {
  const server = stubServer({});
  const { runner } = make(false);
  await runner.run();
  expect(runner.state.getState().status).toBe("refused");
  expect(server.asked).toEqual([]);
});
