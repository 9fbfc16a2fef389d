import { screen, waitFor, within } from "@testing-library/react";
import { beforeEach, expect, it, vi } from "vitest";

import type { RunWait } from "@/api";
import { renderScreen } from "@/testing/render";
import { run } from "@/testing/samples";
import { Refusal, stubServer } from "@/testing/server";

import { RunWaits } from "./run-waits";

const WAIT: RunWait = {
  node_id: "fetch",
  iteration: "",
  kind: "timer",
  until: null,
  name: null,
  correlation: null,
  run_id: null,
  message: null,
  approvers: null,
  link: null,
  lease: null,
};
const waiting = (...waits: Partial<RunWait>[]) =>
  run({ status: "waiting", waits: waits.map((wait) => ({ ...WAIT, ...wait })) });

function show(record = waiting({}), routes: Record<string, unknown> = {}, of?: Partial<RunWait>) {
  const server = stubServer(routes);
  const view = renderScreen(<RunWaits run={record} of={of && { node_id: "fetch", iteration: "", ...of }} />);
  return { server, ...view };
}

const list = () => screen.getByRole("region", { name: "What it waits for" });

beforeEach(() => vi.useRealTimers());

it("is not there where nothing is waited for", () => {
  show(run());
  expect(screen.queryByRole("region")).toBeNull();
});

it.each([
  [{ kind: "event", name: "order.paid", correlation: "o-17" }, "The event order.paid about o-17"],
  [
    { kind: "approval", message: "Pay?", approvers: ["ada@example.com"] },
    "A decision by ada@example.comPay?",
  ],
  [{ kind: "approval", message: "", approvers: [] }, "A decision by whoever has the link"],
  [{ kind: "child", run_id: "fl_run_02" }, "The end of another run"],
  [{ kind: "task", name: "send_invoice" }, "A worker for send_invoiceNo worker has asked for it yet."],
  [{ kind: "backoff" }, "The time before its next attempt"],
] satisfies [Partial<RunWait>, string][])("says what %j is", (wait, words) => {
  show(waiting(wait));
  expect(list()).toHaveTextContent(`Fetch stock${words}`);
});

it("says when a run is to start that has not begun", () => {
  const until = new Date(Date.now() + 3 * 3_600_000).toISOString();
  show(waiting({ kind: "start", node_id: "", until }));
  expect(list()).toHaveTextContent("Waits forThe time at which it is to startBegins in 3 hr.");
});

it("says until when", () => {
  const until = new Date(Date.now() + 3 * 3_600_000).toISOString();
  show(waiting({ kind: "event", name: "paid", until }));
  expect(list()).toHaveTextContent("Gives up in 3 hr.");
});

it("shows of one node what that node waits for, in its pass", () => {
  const record = waiting(
    { iteration: "1", kind: "event", name: "one" },
    { iteration: "2", kind: "event", name: "two" },
  );
  show(record, {}, { iteration: "2" });
  expect(list()).toHaveTextContent("The event two");
  expect(list()).not.toHaveTextContent("The event one");
});

it("tells of many by their number", () => {
  show(waiting(...Array.from({ length: 1_020 }, (_, at) => ({ iteration: String(at) }))));
  expect(within(list()).getAllByRole("listitem")).toHaveLength(20);
  expect(list()).toHaveTextContent("And 1,000 more");
});

it("asks who has a task, and says when a worker has gone silent", async () => {
  const lease = (until: number) => ({ worker: "w-1", polls: 2, polled_at: ago(60), until: ago(-until) });
  const task = { kind: "task", name: "send_invoice" } as const;
  const { server } = show(waiting(task), {
    "GET /runs/fl_run_01/waits": { results: [{ ...WAIT, ...task, lease: lease(60) }] },
  });
  await waitFor(() =>
    expect(list()).toHaveTextContent("w-1 took it 1 min. ago, the 2nd time it was given out."),
  );
  expect(server.asks("GET", "/runs/fl_run_01/waits")).toHaveLength(1);
});

it("says when a worker was not heard of in time", () => {
  show(
    waiting({
      kind: "task",
      name: "x",
      lease: { worker: null, polls: 1, polled_at: ago(60), until: ago(5) },
    }),
  );
  expect(list()).toHaveTextContent("A worker took it 1 min. ago. It was not heard of in time");
});

const ago = (seconds: number) => new Date(Date.now() - seconds * 1_000).toISOString();

it("raises the event that is waited for", async () => {
  const record = waiting({ kind: "event", name: "order.paid" });
  const { server, user } = show(record, { "POST /runs/fl_run_01/events/order.paid": run() });
  await user.click(screen.getByRole("button", { name: "Raise it…" }));
  const dialog = screen.getByRole("dialog", { name: "Raise an event" });
  expect(within(dialog).getByLabelText("Name")).toHaveValue("order.paid");
  await user.click(within(dialog).getByRole("button", { name: "Raise" }));
  await waitFor(() => expect(dialog).not.toBeInTheDocument());
  expect(server.asks("POST", "/runs/fl_run_01/events/order.paid")[0]!.body).toEqual({});
});

it("approves with a comment, and says why it may not", async () => {
  const record = waiting({ kind: "approval", message: "Pay?", approvers: [], iteration: "3" });
  let answers = [new Refusal(403, { title: "Not yours", code: "forbidden", detail: "Ask Ada." }), run()];
  const { server, user } = show(record, {
    "POST /runs/fl_run_01/approvals/fetch": () => {
      const [first, ...rest] = answers;
      answers = rest;
      return first;
    },
  });
  await user.type(screen.getByLabelText("Comment"), "fine");
  await user.click(screen.getByRole("button", { name: "Approve" }));
  expect(await screen.findByRole("alert")).toHaveTextContent("Ask Ada.");
  await user.click(screen.getByRole("button", { name: "Reject" }));
  await waitFor(() => expect(screen.queryByRole("alert")).toBeNull());
  expect(server.asks("POST", "/runs/fl_run_01/approvals/fetch").map((one) => one.body)).toEqual([
    { decision: "approved", comment: "fine", iteration: "3" },
    { decision: "rejected", comment: "fine", iteration: "3" },
  ]);
});
