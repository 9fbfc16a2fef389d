import { screen } from "@testing-library/react";
import { expect, it } from "vitest";

import { renderScreen } from "@/testing/render";
import { runHead, workflowRow } from "@/testing/samples";
import { stubServer } from "@/testing/server";

import { toLocalInput } from "./run-filters";
import RunsPage from "./runs-page";

const page = (...results: unknown[]) => ({ results, next: null });
const workflows = { "GET /workflows": page(workflowRow()) };

it("shows each run with its state, origin and what it says", async () => {
  stubServer({
    ...workflows,
    "GET /runs": page(
      runHead({
        run_id: "order-7",
        status: "failed",
        error_message: "Fetch stock: timed out",
        trigger_type: "webhook",
      }),
      runHead({ id: "fl_run_02", metadata: { shop: "north" }, correlation_id: "c-1", is_draft: true }),
    ),
  });
  renderScreen(<RunsPage />);
  expect(await screen.findByRole("link", { name: "order-7" })).toHaveAttribute("href", "/app/runs/fl_run_01");
  for (const text of ["Fetch stock: timed out", "shop=north", "c-1", "Draft"]) {
    expect(screen.getByText(text)).toBeInTheDocument();
  }
});

it("hands every filter of the address to the server", async () => {
  const server = stubServer({ ...workflows, "GET /runs": page(runHead()) });
  const since = "2026-05-01T10:00:00.000Z";
  renderScreen(<RunsPage />, {
    at: `/app/runs?workflow=fl_01&status=failed&trigger=api&since=${since}&correlation_id=c1&metadata.shop=north&other=1`,
  });
  await screen.findByText("…l_run_01");
  expect(Object.fromEntries(server.asks("GET", "/runs")[0]!.query)).toEqual({
    workflow: "fl_01",
    status: "failed",
    trigger: "api",
    since,
    correlation_id: "c1",
    "metadata.shop": "north",
    limit: "50",
  });
});

it("writes what is chosen into the address, and clears it again", async () => {
  stubServer({ ...workflows, "GET /runs": page(runHead()) });
  const { user, address } = renderScreen(<RunsPage />, { at: "/app/runs" });
  await user.selectOptions(await screen.findByLabelText("Status"), "failed");
  expect(address()).toBe("/app/runs?status=failed");
  await user.click(screen.getByRole("button", { name: "More filters" }));
  await user.type(screen.getByLabelText("Metadata"), "shop=north=1{Enter}");
  expect(address()).toBe(`/app/runs?status=failed&metadata.shop=${encodeURIComponent("north=1")}`);
  await user.click(screen.getByRole("button", { name: "Take away metadata.shop" }));
  expect(address()).toBe("/app/runs?status=failed");
  await user.click(screen.getByRole("button", { name: "Clear" }));
  expect(address()).toBe("/app/runs");
});

it("looks again by itself while a run is at work", async () => {
  let status = "running" as "running" | "completed";
  stubServer({ ...workflows, "GET /runs": () => page(runHead({ status })) });
  renderScreen(<RunsPage />);
  expect(await screen.findByText("Running", { selector: "span" })).toBeInTheDocument();
  status = "completed";
  expect(await screen.findByText("Completed", { selector: "span" })).toBeInTheDocument();
});

it("tells how a first run comes about", async () => {
  stubServer({ ...workflows, "GET /runs": page() });
  renderScreen(<RunsPage />);
  expect(await screen.findByText("Nothing has run yet")).toBeInTheDocument();
});

it("keeps a time as an instant and shows it in the reader's zone", () => {
  const instant = new Date(2026, 4, 1, 9, 30).toISOString();
  expect(toLocalInput(instant)).toBe("2026-05-01T09:30");
  expect(toLocalInput("no time")).toBe("");
});
