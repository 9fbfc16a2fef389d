import { screen, within } from "@testing-library/react";
import { expect, it } from "vitest";

import type { Delivery, DeliveryHead } from "@/api";
import { renderScreen } from "@/testing/render";
import { workflowRow } from "@/testing/samples";
import { Refusal, stubServer } from "@/testing/server";

import DeliveriesPage from "./deliveries-page";

const page = (...results: unknown[]) => ({ results, next: null });
const workflows = { "GET /workflows": page(workflowRow()) };

const head = (changes: Partial<DeliveryHead> = {}): DeliveryHead => ({
  id: "dlv_01",
  workflow_id: "fl_01",
  workflow_name: "Orders",
  node_id: "hook",
  outcome: "started",
  code: null,
  reason: null,
  status: 202,
  run_id: "fl_run_01",
  run_status: "completed",
  replay_of: null,
  delivery_id: null,
  method: "POST",
  path: "/orders/7",
  query: "",
  client_address: "192.0.2.1",
  body_size: 9,
  received_at: "2026-05-01T12:00:00.000000Z",
  duration_ms: 1.5,
  ...changes,
});

const refused = head({
  id: "dlv_02",
  outcome: "refused",
  code: "signature_mismatch",
  reason: "The signature does not fit the body.",
  status: 401,
  run_id: null,
  run_status: null,
});

const whole = (changes: Partial<Delivery> = {}): Delivery => ({
  ...head(),
  headers: { "x-event": "opened" },
  body: { x: 1 },
  body_is_raw: false,
  body_is_cut: false,
  ...changes,
});

it("shows what became of each request", async () => {
  const unknown = head({ id: "dlv_03", workflow_id: null, workflow_name: null, path: "/hooks/nobody" });
  stubServer({ ...workflows, "GET /deliveries": page(head(), refused, unknown) });
  renderScreen(<DeliveriesPage />);
  const table = within(await screen.findByRole("table"));
  expect(table.getAllByRole("link", { name: "Run completed" })[0]).toHaveAttribute(
    "href",
    "/app/runs/fl_run_01",
  );
  expect(table.getByText("The signature does not fit the body.")).toBeInTheDocument();
  expect(table.getByText("Nobody’s address")).toBeInTheDocument();
  expect(table.getAllByRole("checkbox")).toHaveLength(2);
});

it("opens one with its headers and body, and closes it again", async () => {
  stubServer({ ...workflows, "GET /deliveries": page(head()), "GET /deliveries/dlv_01": whole() });
  const { user, address } = renderScreen(<DeliveriesPage />, { at: "/app/deliveries" });
  await user.click(await screen.findByRole("button", { name: "POST /orders/7" }));
  expect(address()).toBe("/app/deliveries?delivery=dlv_01");
  const detail = within(screen.getByRole("complementary", { name: "The delivery" }));
  expect(await detail.findByText("192.0.2.1")).toBeInTheDocument();
  expect(detail.getByRole("heading", { name: "Headers" })).toBeInTheDocument();
  await user.click(detail.getByRole("button", { name: "Close" }));
  expect(address()).toBe("/app/deliveries");
});

it("shows a body that is no JSON as the text that came", async () => {
  const raw = whole({ body: "<script>alert(1)</script>", body_is_raw: true, body_is_cut: true });
  stubServer({ ...workflows, "GET /deliveries": page(head()), "GET /deliveries/dlv_01": raw });
  renderScreen(<DeliveriesPage />, { at: "/app/deliveries?delivery=dlv_01" });
  expect(await screen.findByText("<script>alert(1)</script>")).toBeInTheDocument();
  expect(screen.getByText("The beginning only; it had 9 bytes.")).toBeInTheDocument();
});

it("replays those that are chosen, and says which could not be", async () => {
  const server = stubServer({
    ...workflows,
    "GET /deliveries": page(head(), refused),
    "POST /deliveries/replay": {
      results: [
        { id: "dlv_01", delivery: head({ id: "dlv_04" }), error: null },
        { id: "dlv_02", delivery: null, error: { code: "body_not_kept", message: "The body was not kept." } },
      ],
    },
  });
  const { user } = renderScreen(<DeliveriesPage />);
  for (const box of await screen.findAllByRole("checkbox")) await user.click(box);
  await user.click(screen.getByRole("button", { name: "Replay 2" }));
  expect(server.asks("POST", "/deliveries/replay")[0]!.body).toEqual({ ids: ["dlv_01", "dlv_02"] });
  expect(await screen.findByText("1 run started, 1 not: The body was not kept.")).toBeInTheDocument();
});

it("hands the filters of the address to the server", async () => {
  const server = stubServer({ ...workflows, "GET /deliveries": page(head()) });
  const { user, address } = renderScreen(<DeliveriesPage />, {
    at: "/app/deliveries?outcome=refused&search=/a",
  });
  await screen.findByRole("table");
  const asked = Object.fromEntries(server.asks("GET", "/deliveries")[0]!.query);
  expect(asked).toEqual({ outcome: "refused", search: "/a", limit: "50" });
  await user.click(screen.getByRole("button", { name: "Clear" }));
  expect(address()).toBe("/app/deliveries");
});

it("tells how a first one comes about, and what went wrong", async () => {
  stubServer({ ...workflows, "GET /deliveries": page() });
  const { unmount } = renderScreen(<DeliveriesPage />);
  expect(await screen.findByText("No webhook has been called yet")).toBeInTheDocument();
  unmount();
  stubServer({ "GET /deliveries": new Refusal(503, { title: "Not available", code: "unavailable" }) });
  renderScreen(<DeliveriesPage />);
  expect(await screen.findByText("Not available")).toBeInTheDocument();
});
