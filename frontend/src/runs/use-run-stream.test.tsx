import { act, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { log, nodeState, run } from "@/testing/samples";
import { renderScreen } from "@/testing/render";
import { stubServer } from "@/testing/server";

import { useRunStream } from "./use-run-stream";

/** Stands where the browser has its EventSource, and can be told what to receive. */
class FakeSource extends EventTarget {
  static readonly CLOSED = 2;
  static all: FakeSource[] = [];
  readyState = 1;
  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;

  constructor(readonly url: string) {
    super();
    FakeSource.all.push(this);
  }

  close() {
    this.readyState = FakeSource.CLOSED;
  }

  send(kind: string, data: unknown) {
    this.dispatchEvent(new MessageEvent(kind, { data: JSON.stringify(data) }));
  }
}

beforeEach(() => {
  FakeSource.all = [];
  vi.stubGlobal("EventSource", FakeSource);
});

afterEach(() => vi.useRealTimers());

function Watch({ id }: { id: string }) {
  const { run: now, connection } = useRunStream(id);
  return (
    <p>
      {now ? `${now.status} ${now.logs.length} logs ${Object.keys(now.node_states).join()}` : "nothing"}{" "}
      {connection}
    </p>
  );
}

async function watching(first = run({ status: "running" })) {
  const server = stubServer({ "GET /runs/fl_run_01": first });
  const view = renderScreen(<Watch id="fl_run_01" />);
  await screen.findByText(new RegExp(`^${first.status}`));
  return { server, ...view, source: () => FakeSource.all.at(-1)! };
}

it("follows a run that is at work, without reading it again", async () => {
  const { server, source } = await watching();
  expect(source().url).toBe("/api/v1/runs/fl_run_01/stream");
  act(() => {
    source().onopen!();
    source().send("log", log("start", 0, 5));
    source().send("run", { run: { status: "waiting", node_states: { start: nodeState("completed") } } });
  });
  expect(await screen.findByText("waiting 1 logs start live")).toBeInTheDocument();
  expect(server.asks("GET", "/runs/fl_run_01")).toHaveLength(1);
});

it("opens no stream for a run that has ended", async () => {
  await watching(run({ status: "completed" }));
  expect(FakeSource.all).toHaveLength(0);
});

it("closes at the end and reads the final record once", async () => {
  const { server, source } = await watching();
  act(() => {
    source().send("run", { run: { status: "completed" } });
    source().send("end", { status: "completed" });
  });
  expect(await screen.findByText("completed 0 logs ended")).toBeInTheDocument();
  expect(source().readyState).toBe(FakeSource.CLOSED);
  await expect.poll(() => server.asks("GET", "/runs/fl_run_01").length).toBe(2);
  expect(FakeSource.all).toHaveLength(1);
});

it("opens a new stream when the browser has given the old one up", async () => {
  const { source } = await watching();
  vi.useFakeTimers();
  const first = source();
  act(() => {
    first.readyState = FakeSource.CLOSED;
    first.onerror!();
  });
  expect(screen.getByText(/reconnecting/)).toBeInTheDocument();
  act(() => void vi.advanceTimersByTime(500));
  expect(FakeSource.all).toHaveLength(2);
});

it("leaves the coming back to the browser while it still tries", async () => {
  const { source } = await watching();
  vi.useFakeTimers();
  act(() => {
    source().readyState = 0;
    source().onerror!();
    vi.advanceTimersByTime(10_000);
  });
  expect(FakeSource.all).toHaveLength(1);
});

it("lets go of the stream when the page is left", async () => {
  const { source, unmount } = await watching();
  unmount();
  expect(source().readyState).toBe(FakeSource.CLOSED);
});
