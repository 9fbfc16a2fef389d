import { screen, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";

import { renderScreen } from "@/testing/render";
import { firing, timelineRow, workflowRow } from "@/testing/samples";
import { stubServer } from "@/testing/server";

import SchedulePage from "./schedule-page";

const page = (...results: unknown[]) => ({ results, next: null });
const timeline = (...results: unknown[]) => ({
  since: "2026-05-01T00:00:00.000000Z",
  until: "2026-05-02T00:00:00.000000Z",
  ...page(...results),
});
const resting = timelineRow({
  id: "sch_02",
  workflow_name: "Invoices",
  next_due_at: null,
  paused_at: "2026-04-30T12:00:00.000000Z",
  pause_reason: "The bank is closed.",
});

describe("what is coming", () => {
  const routes = {
    "GET /schedules/timeline": timeline(
      timelineRow(),
      timelineRow({ id: "sch_03", workflow_name: "Pulse", every_seconds: 60, fires: [] }),
    ),
    "GET /schedules": page(timelineRow(), resting),
  };

  it("stands on one line for each schedule, and says what rests and why", async () => {
    stubServer(routes);
    renderScreen(<SchedulePage />);
    const coming = within(await screen.findByRole("table", { name: "Coming starts" }));
    expect(coming.getByRole("link", { name: "Orders" })).toHaveAttribute("href", "/app/workflows/fl_01");
    expect(coming.getByRole("img", { name: "One start" })).toBeInTheDocument();
    expect(coming.getByRole("img", { name: "Starts about every minute" })).toBeInTheDocument();
    const rest = within(await screen.findByRole("table", { name: "Resting schedules" }));
    expect(rest.getByText(/The bank is closed/)).toBeInTheDocument();
  });

  it("looks a week ahead when asked, and keeps that in the address", async () => {
    const server = stubServer(routes);
    const { user, address } = renderScreen(<SchedulePage />);
    await user.click(await screen.findByRole("button", { name: "7 days" }));
    expect(address()).toBe("/?hours=168");
    expect(server.asks("GET", "/schedules/timeline").at(-1)!.query.get("hours")).toBe("168");
  });

  it("pauses with a reason, and resumes", async () => {
    const server = stubServer({
      ...routes,
      "POST /schedules/sch_01/pause": timelineRow(),
      "POST /schedules/sch_02/resume": timelineRow(),
    });
    const { user } = renderScreen(<SchedulePage />);
    await user.click(await screen.findByRole("button", { name: "More about Orders" }));
    await user.click(screen.getByRole("menuitem", { name: "Pause…" }));
    await user.type(screen.getByLabelText("Reason"), "Moving house{Enter}");
    expect(server.asks("POST", "/schedules/sch_01/pause")[0]!.body).toEqual({ reason: "Moving house" });
    await user.click(await screen.findByRole("button", { name: "Resume" }));
    expect(server.asks("POST", "/schedules/sch_02/resume")).toHaveLength(1);
  });

  it("shows what a backfill would start before it starts it", async () => {
    const server = stubServer({
      ...routes,
      "GET /schedules/sch_01/backfill/preview": {
        count: 3,
        already: 1,
        first_due_at: "2026-04-01T07:00:00Z",
        last_due_at: "2026-04-03T07:00:00Z",
      },
      "POST /schedules/sch_01/backfill": {},
    });
    const { user } = renderScreen(<SchedulePage />);
    await user.click(await screen.findByRole("button", { name: "More about Orders" }));
    await user.click(screen.getByRole("menuitem", { name: "Backfill…" }));
    await user.type(screen.getByLabelText("From"), "2026-04-01T00:00");
    await user.type(screen.getByLabelText("Until"), "2026-04-05T00:00");
    expect(await screen.findByText(/3 starts, from .* 1 started at their time/)).toBeInTheDocument();
    await user.click(screen.getByRole("button", { name: "Start 3" }));
    expect(server.asks("POST", "/schedules/sch_01/backfill")[0]!.body).toMatchObject({
      per_minute: 60,
      at_once: 5,
      since: new Date("2026-04-01T00:00").toISOString(),
    });
  });

  it("tells how a first schedule comes about", async () => {
    stubServer({ "GET /schedules/timeline": timeline(), "GET /schedules": page() });
    renderScreen(<SchedulePage />);
    expect(await screen.findByText("Nothing starts by the clock yet")).toBeInTheDocument();
  });
});

it("shows past starts with their lag, and why there was none, and takes note of them", async () => {
  const server = stubServer({
    "GET /firings": page(
      firing(),
      firing({
        id: "2",
        outcome: "missed",
        alarm: true,
        run_id: null,
        lag_ms: 3_600_000,
        run_status: null,
        reason: "No clock was running.",
      }),
      firing({ id: "3", alarm: true, lag_ms: 90_000 }),
    ),
    "GET /workflows/fl_01": workflowRow(),
    "POST /workflows/fl_01/acknowledge": { acknowledged: 2 },
  });
  const { user } = renderScreen(<SchedulePage />, { at: "/?tab=past&workflow=fl_01" });
  const rows = within(await screen.findByRole("table", { name: "Past starts, latest first" }));
  for (const text of ["6 ms", "Missed", "Late", "No clock was running.", "1 min 30 s"]) {
    expect(rows.getByText(text)).toBeInTheDocument();
  }
  expect(server.asks("GET", "/firings")[0]!.query.get("workflow")).toBe("fl_01");
  await user.click(rows.getAllByRole("button", { name: "Mark the missed starts of Orders as seen" })[0]!);
  expect(server.asks("POST", "/workflows/fl_01/acknowledge")).toHaveLength(1);
});

it("names an alert workflow and sends a test", async () => {
  const server = stubServer({
    "GET /workflows": page(
      workflowRow({ alert_workflow: "fl_02" }),
      workflowRow({ id: "fl_02", name: "Tell us" }),
    ),
    "PUT /workflows/fl_01/alerts/settings": {},
    "POST /workflows/fl_01/alerts/test": { reason: "" },
  });
  const { user } = renderScreen(<SchedulePage />, { at: "/?tab=alerts" });
  const choice = await screen.findByLabelText("Alert workflow of Orders");
  expect(choice).toHaveValue("fl_02");
  await user.click(screen.getByRole("button", { name: "Send test" }));
  expect(await screen.findByText("Test alert sent")).toBeInTheDocument();
  await user.selectOptions(choice, "Nothing");
  expect(server.asks("PUT", "/workflows/fl_01/alerts/settings")[0]!.body).toEqual({ alert_workflow: null });
});
