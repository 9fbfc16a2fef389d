import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";

import type { RecentRun } from "@/api";
import { renderScreen } from "@/testing/render";
import { workflow, workflowRow } from "@/testing/samples";
import { Refusal, stubServer } from "@/testing/server";

import { barHeights } from "./run-strip";
import { WorkflowsPage } from "./workflows-page";

const recent = (id: string, changes: Partial<RecentRun> = {}): RecentRun => ({
  id,
  status: "completed",
  created_at: "2026-05-01T12:00:00.000000Z",
  started_at: "2026-05-01T12:00:00.000000Z",
  completed_at: "2026-05-01T12:00:01.000000Z",
  duration_ms: 1000,
  trigger_type: "api",
  ...changes,
});

const page = (...results: unknown[]) => ({ results, next: null });

describe("the list", () => {
  it("marks what did not start in time, and what is paused and why", async () => {
    const clock = { node_id: "t", kind: "schedule_trigger", summary: "0 9 * * *", next_run_at: null };
    stubServer({
      "GET /workflows": page(
        workflowRow({
          triggers: [{ ...clock, pause_reason: "The bank is closed." }],
          alarm: { missed: 3, last_due_at: "2026-05-01T09:00:00Z", overdue_since: null },
        }),
        workflowRow({
          id: "fl_02",
          name: "Invoices",
          alarm: { missed: 0, last_due_at: null, overdue_since: "2026-05-01T09:00:00Z" },
        }),
      ),
    });
    renderScreen(<WorkflowsPage />);
    expect(await screen.findByRole("link", { name: "3 starts not in time by Orders" })).toHaveAttribute(
      "href",
      "/app/schedule?tab=past&workflow=fl_01",
    );
    expect(screen.getByText("Paused: The bank is closed.")).toBeInTheDocument();
    expect(screen.getByRole("link", { name: "Overdue by Invoices" })).toBeInTheDocument();
  });

  it("tells in each row what starts it, how it goes and who changed it", async () => {
    stubServer({
      "GET /workflows": page(
        workflowRow({
          triggers: [
            {
              node_id: "t",
              kind: "schedule_trigger",
              summary: "*/5 * * * *",
              next_run_at: "2099-01-01T06:00:00Z",
              pause_reason: null,
            },
            { node_id: "w", kind: "webhook_trigger", summary: "POST", next_run_at: null, pause_reason: null },
          ],
          success_rate: 0.968,
          p50_ms: 1420,
          has_unpublished_changes: true,
        }),
      ),
    });
    renderScreen(<WorkflowsPage />);
    const row = (await screen.findByRole("link", { name: "Orders" })).closest("tr")!;
    for (const text of [
      "Every 5 minutes",
      "+1 more",
      "96 %",
      "1.42 s",
      "ada@example.com",
      "Unpublished changes",
    ]) {
      expect(within(row).getByText(text)).toBeInTheDocument();
    }
    expect(within(row).getByText(/^Next/)).toBeInTheDocument();
  });

  it("asks the server for what the address says and keeps a search there", async () => {
    const server = stubServer({ "GET /workflows": page(workflowRow()) });
    const { user, address } = renderScreen(<WorkflowsPage />, { at: "/app/workflows?is_active=true" });
    await user.type(await screen.findByRole("searchbox"), "stock");
    await expect.poll(address).toBe("/app/workflows?is_active=true&search=stock");
    await waitFor(() => {
      const last = server.asks("GET", "/workflows").at(-1)!.query;
      expect(Object.fromEntries(last)).toEqual({ is_active: "true", search: "stock", limit: "50" });
    });
  });

  it("goes on where the last page ended", async () => {
    stubServer({
      "GET /workflows": ({ query }: { query: URLSearchParams }) =>
        query.get("cursor")
          ? page(workflowRow({ id: "fl_2", name: "Second" }))
          : { results: [workflowRow({ name: "First" })], next: "c2" },
    });
    const { user } = renderScreen(<WorkflowsPage />);
    await user.click(await screen.findByRole("button", { name: "Load more" }));
    expect(await screen.findByRole("link", { name: "Second" })).toBeInTheDocument();
    expect(screen.getByRole("link", { name: "First" })).toBeInTheDocument();
    expect(screen.queryByRole("button", { name: "Load more" })).toBeNull();
  });

  it("says why a workflow cannot be activated", async () => {
    stubServer({
      "GET /workflows": page(workflowRow({ is_active: false })),
      "POST /workflows/fl_01/activate": new Refusal(409, {
        title: "Not published",
        code: "not_published",
        detail: "Publish a version first.",
      }),
    });
    const { user } = renderScreen(<WorkflowsPage />);
    await user.click(await screen.findByRole("switch", { name: "Orders is active" }));
    expect(await screen.findByRole("alert")).toHaveTextContent("Publish a version first.");
  });

  it("deletes only after a question", async () => {
    const server = stubServer({ "GET /workflows": page(workflowRow()), "DELETE /workflows/fl_01": null });
    const { user } = renderScreen(<WorkflowsPage />);
    await user.click(await screen.findByRole("button", { name: "More about Orders" }));
    await user.click(await screen.findByRole("menuitem", { name: "Delete…" }));
    expect(server.asks("DELETE", "/workflows/fl_01")).toHaveLength(0);
    await user.click(await screen.findByRole("button", { name: "Delete workflow" }));
    await waitFor(() => expect(server.asks("DELETE", "/workflows/fl_01")).toHaveLength(1));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  });

  it("teaches when it is empty, and differs when only the filter is to blame", async () => {
    stubServer({ "GET /workflows": page() });
    const { unmount } = renderScreen(<WorkflowsPage />);
    expect(await screen.findByText("Draw your first workflow")).toBeInTheDocument();
    unmount();
    const { user, address } = renderScreen(<WorkflowsPage />, { at: "/app/workflows?search=x" });
    await user.click(await screen.findByRole("button", { name: "Clear the filters" }));
    expect(address()).toBe("/app/workflows");
  });

  it("says what failed and tries again", async () => {
    let down = true;
    stubServer({
      "GET /workflows": () =>
        down ? new Refusal(400, { title: "Bad cursor", code: "bad_cursor" }) : page(workflowRow()),
    });
    const { user } = renderScreen(<WorkflowsPage />);
    expect(await screen.findByRole("alert")).toHaveTextContent("Bad cursor");
    down = false;
    await user.click(screen.getByRole("button", { name: "Try again" }));
    expect(await screen.findByRole("link", { name: "Orders" })).toBeInTheDocument();
  });
});

describe("several workflows", () => {
  it("are activated together; one that cannot be stays chosen, with the reason", async () => {
    const server = stubServer({
      "GET /workflows": page(
        workflowRow({ is_active: false, tags: ["stock"] }),
        workflowRow({ id: "fl_02", name: "Other", is_active: false }),
      ),
      "GET /tags": { results: ["stock"] },
      "POST /workflows/fl_01/activate": workflow(),
      "POST /workflows/fl_02/activate": new Refusal(409, {
        title: "Not published",
        code: "not_published",
        detail: "Publish a version first.",
      }),
    });
    const { user } = renderScreen(<WorkflowsPage />);
    await user.click(await screen.findByRole("checkbox", { name: "Choose Orders" }));
    await user.click(screen.getByRole("checkbox", { name: "Choose Other" }));
    await user.click(screen.getByRole("button", { name: "Activate" }));
    expect(await screen.findByRole("alert")).toHaveTextContent("Publish a version first.");
    expect(server.asks("POST", "/workflows/fl_01/activate")).toHaveLength(1);
    expect(screen.getByText("1 chosen")).toBeInTheDocument();
    expect(screen.getByRole("checkbox", { name: "Choose Orders" })).not.toBeChecked();
    expect(await screen.findByRole("option", { name: "stock" })).toBeInTheDocument();
  });
});

describe("a new workflow", () => {
  it("begins with a template, or with a file that was exported", async () => {
    const document = { penstock: "workflow", name: "Watch a page", nodes: [], edges: [] };
    const server = stubServer({
      "GET /workflows": page(),
      "GET /templates": { results: [{ id: "w", name: "Watch a page", description: "", tags: [], document }] },
      "POST /workflows/import": { workflow: workflow({ id: "fl_9" }), unlinked: [] },
    });
    const { user, address } = renderScreen(<WorkflowsPage />, {
      at: "/app/workflows?new",
      path: "/app/workflows",
    });
    await user.click(await screen.findByRole("radio", { name: /Watch a page/ }));
    expect(screen.getByLabelText("Name")).toHaveValue("Watch a page");
    const own = { ...document, name: "From elsewhere" };
    await user.upload(screen.getByLabelText("Import a file…"), [
      new File([JSON.stringify(own)], "elsewhere.json", { type: "application/json" }),
    ]);
    await waitFor(() => expect(screen.getByLabelText("Name")).toHaveValue("From elsewhere"));
    await user.click(screen.getByRole("button", { name: "Create and open" }));
    await expect.poll(address).toBe("/app/workflows/fl_9");
    expect(server.asks("POST", "/workflows/import")[0]!.body).toEqual({
      document: own,
      name: "From elsewhere",
    });
  });

  it.each([
    ["broken.json", "{", "It holds no JSON"],
    ["list.json", "[1]", "It holds JSON, but no object."],
  ])("says why %s cannot be imported", async (name, text, why) => {
    stubServer({ "GET /workflows": page(), "GET /templates": { results: [] } });
    const { user } = renderScreen(<WorkflowsPage />, { at: "/app/workflows?new", path: "/app/workflows" });
    const file = new File([text], name, { type: "application/json" });
    await user.upload(await screen.findByLabelText("Import a file…"), [file]);
    expect(await screen.findByRole("alert")).toHaveTextContent(`“${name}” cannot be imported`);
    expect(screen.getByRole("alert")).toHaveTextContent(why);
    expect(screen.getByRole("radio", { name: /Blank/ })).toBeChecked();
  });

  it("calls a document without a name as its file is called", async () => {
    stubServer({ "GET /workflows": page(), "GET /templates": { results: [] } });
    const { user } = renderScreen(<WorkflowsPage />, { at: "/app/workflows?new", path: "/app/workflows" });
    const file = new File(['{"nodes": [], "edges": []}'], "orders.json", { type: "application/json" });
    await user.upload(await screen.findByLabelText("Import a file…"), [file]);
    await waitFor(() => expect(screen.getByLabelText("Name")).toHaveValue("orders"));
  });

  it("begins with a manual trigger and opens in the editor", async () => {
    const server = stubServer({
      "GET /workflows": page(),
      "POST /workflows": workflow({ id: "fl_9", name: "Daily report" }),
    });
    const { user, address } = renderScreen(<WorkflowsPage />, {
      at: "/app/workflows",
      path: "/app/workflows",
    });
    await user.click(await screen.findByRole("button", { name: "New workflow" }));
    await user.type(await screen.findByLabelText("Name"), "  Daily report {Enter}");
    await expect.poll(address).toBe("/app/workflows/fl_9");
    expect(server.asks("POST", "/workflows")[0]!.body).toMatchObject({
      name: "Daily report",
      nodes: [{ id: "start", data: { componentId: "manual_trigger" } }],
      edges: [],
    });
  });

  it("shows what the server says against the name beside it", async () => {
    stubServer({
      "GET /workflows": page(),
      "POST /workflows": new Refusal(422, {
        title: "Invalid",
        code: "invalid",
        errors: [{ path: "name", code: "too_long", message: "At most 200 characters." }],
      }),
    });
    const { user } = renderScreen(<WorkflowsPage />, { at: "/app/workflows?new" });
    await user.type(await screen.findByLabelText("Name"), "x{Enter}");
    expect(await screen.findByText("At most 200 characters.")).toBeInTheDocument();
    expect(screen.getByLabelText("Name")).toBeInvalid();
  });
});

describe("the strip of runs", () => {
  it("is one tab stop, and the arrows go from run to run", async () => {
    stubServer({
      "GET /workflows": page(workflowRow({ runs: [recent("new"), recent("old", { status: "failed" })] })),
    });
    const { user, address } = renderScreen(<WorkflowsPage />);
    const strip = await screen.findByRole("group", { name: "Last runs of Orders" });
    const bars = within(strip).getAllByRole("link");
    expect(bars.map((bar) => bar.getAttribute("tabindex"))).toEqual(["-1", "0"]);
    bars[1]!.focus();
    await user.keyboard("{ArrowLeft}");
    expect(bars[0]).toHaveFocus();
    expect(bars[0]).toHaveAccessibleName(/^Failed · 1\.00 s/);
    await user.keyboard("{Enter}");
    expect(address()).toBe("/app/runs/old");
  });

  it("makes longer runs taller and keeps the shortest in sight", () => {
    const heights = barHeights([
      recent("a", { duration_ms: 0 }),
      recent("b", { duration_ms: 100 }),
      recent("c", { duration_ms: 10_000 }),
      recent("d", { duration_ms: null }),
    ]);
    expect(heights).toEqual([5, 7, 26, 5]);
  });
});
