import { screen, waitFor, within } from "@testing-library/react";
import { expect, it, vi } from "vitest";

import type { Run } from "@/api";
import { renderScreen } from "@/testing/render";
import { log, nodeState, run } from "@/testing/samples";
import { stubServer } from "@/testing/server";

import RunPage from "./run-page";

// The canvas measures itself, which only a real browser can; it has its own tests.
vi.mock("@/canvas", () => ({
  RunCanvas: ({ drawing, onSelect }: { drawing: Run["workflow"]; onSelect: (id: string) => void }) => (
    <div aria-label="Canvas">
      {drawing.nodes.map((node) => (
        <button key={node.id} onClick={() => onSelect(node.id)}>{`canvas ${node.id}`}</button>
      ))}
    </div>
  ),
}));

const failed = run({
  status: "failed",
  error_message: "Fetch stock: the server answered 503",
  error: { code: "http_status", message: "503", node_id: "fetch" },
  logs: [
    log("start", 0, 5),
    log("fetch", 10, 100, {
      status: "failed",
      output: null,
      error: { code: "timeout", message: "No answer within 30 s", field: "url", position: null },
    }),
    log("fetch", 500, 600, { attempt: 2, input: { sku: "A-1" }, output: { stock: 12 } }),
  ],
  node_states: {
    start: nodeState("completed"),
    fetch: nodeState("failed", { attempts: 2 }),
    spare: nodeState("skipped"),
  },
});

function open(record: Run, search = "", more: Record<string, unknown> = {}) {
  const server = stubServer({ [`GET /runs/${record.id}`]: record, ...more });
  const view = renderScreen(<RunPage />, { at: `/app/runs/${record.id}${search}`, path: "/app/runs/:runId" });
  return { server, ...view };
}

it("shows the run as a whole: status, time, trigger, payload and what went wrong", async () => {
  const { user, address } = open(failed);
  expect(await screen.findByRole("heading", { level: 1, name: "Orders" })).toBeInTheDocument();
  const panel = screen.getByRole("complementary", { name: "The run" });
  expect(panel).toHaveTextContent("Fetch stock: the server answered 503");
  expect(within(panel).getByText("order")).toBeInTheDocument();
  expect(screen.getByText("2.00 s")).toBeInTheDocument();
  await user.click(screen.getByRole("button", { name: /where it happened/ }));
  expect(address()).toBe("/app/runs/fl_run_01?node=fetch");
});

it("shows the last attempt of a chosen node, and any other on request", async () => {
  const { user, address } = open(failed);
  await user.click(await screen.findByText("canvas fetch"));
  const panel = screen.getByRole("complementary", { name: "Node Fetch stock" });
  expect(within(panel).getByText("stock")).toBeInTheDocument();
  await user.selectOptions(within(panel).getByLabelText("Attempt"), "fl_log_fetch_1");
  expect(panel).toHaveTextContent("No answer within 30 s");
  expect(address()).toBe("/app/runs/fl_run_01?node=fetch&log=fl_log_fetch_1");
});

it("explains a node that did not run", async () => {
  open(failed, "?node=spare");
  expect(await screen.findByText(/No branch that was taken led here/)).toBeInTheDocument();
});

it("lists every attempt in the log", async () => {
  const { user, address } = open(failed);
  await user.click(await screen.findByRole("tab", { name: "Log (3)" }));
  const rows = within(screen.getByRole("table", { name: "Log, one row per attempt" })).getAllByRole("row");
  expect(rows).toHaveLength(4);
  await user.click(within(rows[2]!).getByRole("button", { name: "Fetch stock" }));
  expect(address()).toContain("log=fl_log_fetch_1");
});

it("chooses from the timeline by keyboard", async () => {
  const { user, address } = open(failed);
  const row = await screen.findByRole("button", { name: /^Start: Completed/ });
  row.focus();
  await user.keyboard("{ArrowDown}{Enter}");
  expect(address()).toBe("/app/runs/fl_run_01?node=fetch");
});

it("runs the same payload again and opens the new run", async () => {
  const { server, user, address } = open(failed, "", {
    "POST /workflows/fl_01/execute": run({ id: "fl_run_02" }),
  });
  await user.click(await screen.findByRole("button", { name: "Run again" }));
  await expect.poll(address).toBe("/app/runs/fl_run_02");
  expect(server.asks("POST", "/workflows/fl_01/execute")[0]!.body).toEqual({ context: { order: 7 } });
});

it("begins again with a chosen node in the chosen pass", async () => {
  const looped = run({
    logs: [log("fetch", 0, 5, { iteration: "0" }), log("fetch", 5, 9, { iteration: "1" })],
  });
  const { server, user, address } = open(looped, "?node=fetch", {
    "POST /runs/fl_run_01/retry": run({ id: "fl_run_02" }),
  });
  await user.click(await screen.findByRole("button", { name: "Run again from here" }));
  await expect.poll(address).toBe("/app/runs/fl_run_02");
  expect(server.asks("POST", "/runs/fl_run_01/retry")[0]!.body).toEqual({
    begin_at: { node_id: "fetch", iteration: "1" },
  });
});

it("runs the draft again for a run of the draft", async () => {
  const { server, user } = open(run({ is_draft: true, version: null }), "", {
    "POST /workflows/fl_01/execute": run({ id: "fl_run_02" }),
  });
  await user.click(await screen.findByRole("button", { name: "Run again" }));
  await waitFor(() =>
    expect(server.asks("POST", "/workflows/fl_01/execute")[0]!.body).toMatchObject({ version: "draft" }),
  );
});

it("terminates a run at work after a question", async () => {
  vi.stubGlobal(
    "EventSource",
    class extends EventTarget {
      close() {}
    },
  );
  const { server, user } = open(run({ status: "running", completed_at: null, duration_ms: null }), "", {
    "POST /runs/fl_run_01/terminate": run({ status: "terminated" }),
  });
  await user.click(await screen.findByRole("button", { name: "Terminate" }));
  await user.click(within(await screen.findByRole("dialog")).getByRole("button", { name: "Terminate" }));
  await waitFor(() => expect(server.asks("POST", "/runs/fl_run_01/terminate")).toHaveLength(1));
  expect(await screen.findByRole("button", { name: "Run again" })).toBeInTheDocument();
});

it("says when there is no such run", async () => {
  stubServer({});
  renderScreen(<RunPage />, { at: "/app/runs/nope", path: "/app/runs/:runId" });
  expect(await screen.findByText("There is no run with this id")).toBeInTheDocument();
});

it("goes through thousands of iterations one by one, and from failure to failure", async () => {
  const logs = Array.from({ length: 3000 }, (_, index) =>
    log("fetch", index, index + 1, {
      id: `l${index}`,
      iteration: String(index),
      status: index % 1000 === 500 ? "failed" : "completed",
    }),
  );
  const { user, address } = open(run({ logs }), "?node=fetch&log=l7");
  const attempts = await screen.findByRole("group", { name: "Attempt" });
  expect(attempts).toHaveTextContent("of 3,000");
  await user.click(within(attempts).getByRole("button", { name: "The next one" }));
  expect(address()).toContain("log=l8");
  await user.click(within(attempts).getByRole("button", { name: "Next failed (3)" }));
  expect(address()).toContain("log=l500");
  expect(attempts).toHaveTextContent("#500 · Attempt 1 · Failed");
});

it("draws of thousands of attempts only some, and finds those that failed", async () => {
  const logs = Array.from({ length: 10_000 }, (_, index) =>
    log(index % 2 ? "fetch" : "start", index, index + 1, {
      id: `l${index}`,
      iteration: String(index),
      status: index === 9_001 ? "failed" : "completed",
    }),
  );
  const { user } = open(run({ logs }));
  await user.click(await screen.findByRole("tab", { name: "Log (10000)" }));
  const table = screen.getByRole("table", { name: "Log, one row per attempt" });
  expect(table).toHaveAttribute("aria-rowcount", "10001");
  expect(within(table).getAllByRole("row").length).toBeLessThan(100);
  await user.selectOptions(screen.getByLabelText("Which attempts"), "Failed or cut off (1)");
  expect(within(table).getAllByRole("row")).toHaveLength(2);
  expect(table).toHaveTextContent("#9001");
  await user.selectOptions(screen.getByLabelText("Which attempts"), "Of Start");
  expect(table).toHaveAttribute("aria-rowcount", "5001");
});

it("tells how far a node is that says so", async () => {
  const progress = { fraction: 0.25, message: "1 of 4 pages" };
  open(run({ status: "failed", logs: [log("fetch", 0, null, { progress })] }), "?node=fetch");
  expect(await screen.findByRole("progressbar", { name: "How far it is" })).toHaveAttribute("value", "0.25");
  expect(screen.getByText("1 of 4 pages")).toBeInTheDocument();
});
