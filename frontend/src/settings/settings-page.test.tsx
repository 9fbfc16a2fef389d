import { screen, waitFor, within } from "@testing-library/react";
import { afterEach, expect, it } from "vitest";

import { renderScreen } from "@/testing/render";
import { Refusal, stubServer } from "@/testing/server";
import { setTheme } from "@/ui";

import SettingsPage from "./settings-page";

const project = (id: string, name: string) => ({ id, name, role: "owner", timezone: "UTC" });
const session = {
  user: { id: "us_1", email: "ada@example.com", name: "Ada" },
  projects: [project("prj_1", "Main"), project("prj_2", "Side")],
  csrf_token: "t",
};
const key = {
  id: "key_1",
  name: "Deploy bot",
  role: "owner",
  created_at: "2026-05-01T12:00:00Z",
  expires_at: null,
  last_used_at: null,
};
const worker = {
  id: "wrk_1",
  state: "alive",
  claims: true,
  slots: 200,
  runs_held: 3,
  host: "north",
  pid: 4711,
  started_at: "2026-05-01T12:00:00Z",
  heard_at: new Date().toISOString(),
  lease_until: "2026-05-01T12:00:30Z",
  code_version: "0.1.0+7ead412abcde",
  engine_format: 1,
  node_kinds: ["code", "set"],
};
const usual = { "GET /session": session, "GET /api-keys": { results: [key], next: null } };

afterEach(() => {
  setTheme("system");
  localStorage.clear();
});

it("shows a new key's secret once", async () => {
  const server = stubServer({
    ...usual,
    "POST /api-keys": { ...key, id: "key_2", name: "ci", secret: "psk_once" },
  });
  const { user } = renderScreen(<SettingsPage />);
  await user.click(screen.getByRole("button", { name: "New API key" }));
  await user.type(await screen.findByLabelText("Name"), "ci");
  await user.click(screen.getByRole("button", { name: "Make key" }));
  expect(await screen.findByText("psk_once")).toBeInTheDocument();
  expect(server.asks("POST", "/api-keys")[0]!.body).toEqual({ name: "ci" });
  await user.click(screen.getByRole("button", { name: "I have copied it" }));
  expect(screen.queryByText("psk_once")).toBeNull();
});

it("revokes a key after a question", async () => {
  const server = stubServer({ ...usual, "DELETE /api-keys/key_1": null });
  const { user } = renderScreen(<SettingsPage />);
  await user.click(await screen.findByRole("button", { name: "Revoke Deploy bot" }));
  await user.click(await screen.findByRole("button", { name: "Revoke key" }));
  await waitFor(() => expect(server.asks("DELETE", "/api-keys/key_1")).toHaveLength(1));
});

it("changes the password only when both new ones agree", async () => {
  const server = stubServer({ ...usual, "PUT /session/password": null });
  const { user } = renderScreen(<SettingsPage />);
  await user.type(screen.getByLabelText("Current password"), "old");
  await user.type(screen.getByLabelText("New password"), "new one");
  await user.type(screen.getByLabelText("New password again"), "new two");
  await user.click(screen.getByRole("button", { name: "Change password" }));
  expect(screen.getByText("The two do not match.")).toBeInTheDocument();
  expect(server.asks("PUT", "/session/password")).toHaveLength(0);
  await user.clear(screen.getByLabelText("New password again"));
  await user.type(screen.getByLabelText("New password again"), "new one{Enter}");
  expect(await screen.findByText("Password changed")).toBeInTheDocument();
  expect(server.asks("PUT", "/session/password")[0]!.body).toEqual({
    current_password: "old",
    new_password: "new one",
  });
});

it("shows the server's word on a password beside it", async () => {
  stubServer({
    ...usual,
    "PUT /session/password": new Refusal(422, {
      title: "Invalid",
      code: "invalid",
      errors: [{ path: "new_password", code: "too_short", message: "At least 10 characters." }],
    }),
  });
  const { user } = renderScreen(<SettingsPage />);
  await user.type(screen.getByLabelText("New password"), "x");
  await user.type(screen.getByLabelText("New password again"), "x{Enter}");
  expect(await screen.findByText("At least 10 characters.")).toBeInTheDocument();
});

it("turns to another project for every later request", async () => {
  const server = stubServer(usual);
  const { user } = renderScreen(<SettingsPage />);
  await user.click(await screen.findByRole("button", { name: "Show this one" }));
  await waitFor(() =>
    expect(server.asks("GET", "/session").at(-1)!.headers["x-penstock-project"]).toBe("prj_2"),
  );
});

it("changes the theme at once and keeps it", async () => {
  stubServer(usual);
  const { user } = renderScreen(<SettingsPage />);
  await user.click(screen.getByRole("radio", { name: "Dark" }));
  expect(document.documentElement.dataset.theme).toBe("dark");
  expect(localStorage.getItem("penstock.theme")).toBe("dark");
  await user.click(screen.getByRole("radio", { name: "As the system" }));
  expect(document.documentElement.dataset.theme).toBeUndefined();
});

it("shows the server's administrator what it does from time to time, and changes it", async () => {
  const task = {
    id: 3,
    name: "Forget old starts and alerts",
    enabled: true,
    every_minutes: 1440,
    last_run_at: null,
    run_count: 0,
  };
  const server = stubServer({
    ...usual,
    "GET /housekeeping": { results: [task] },
    "PUT /housekeeping/3": task,
  });
  const { user } = renderScreen(<SettingsPage />);
  const minutes = await screen.findByLabelText("Minutes between: Forget old starts and alerts");
  await user.clear(minutes);
  await user.type(minutes, "60");
  await user.tab();
  await user.click(screen.getByRole("switch", { name: "Forget old starts and alerts" }));
  expect(server.asks("PUT", "/housekeeping/3").map(({ body }) => body)).toEqual([
    { every_minutes: 60 },
    { enabled: false },
  ]);
});

it("says nothing of housekeeping to others", async () => {
  stubServer({
    ...usual,
    "GET /housekeeping": new Refusal(403, { title: "Not allowed", code: "forbidden" }),
  });
  renderScreen(<SettingsPage />);
  expect(await screen.findByText("Deploy bot")).toBeInTheDocument();
  expect(screen.queryByText("Housekeeping")).not.toBeInTheDocument();
});

it("tells of each worker how it stands", async () => {
  const others = [
    { ...worker, id: "wrk_2", state: "lapsed", host: "south", runs_held: 0, slots: null, heard_at: null },
    { ...worker, id: "wrk_3", state: "stopped", host: "east", claims: false },
  ];
  stubServer({ ...usual, "GET /workers": { results: [worker, ...others], untaken: [] } });
  const { user } = renderScreen(<SettingsPage />);
  const table = await screen.findByRole("table", { name: "Workers" });
  const [, alive, lapsed, stopped] = within(table).getAllByRole("row");
  expect(alive).toHaveTextContent("north, process 4711");
  expect(alive).toHaveTextContent("Alive");
  expect(alive).toHaveTextContent("3 of 200");
  expect(alive).toHaveTextContent("0.1.0+7ead412abcde");
  expect(lapsed).toHaveTextContent("Lapsed");
  expect(lapsed).toHaveTextContent("Not known");
  expect(stopped).toHaveTextContent("Stopped");
  expect(stopped).toHaveTextContent("Goes on only with what came in by it");
  await user.click(within(alive!).getByText("2 node kinds"));
  expect(within(alive!).getByText("code, set")).toBeVisible();
  expect(screen.queryByText("Runs that no worker can take")).toBeNull();
});

it("says of the runs that no worker can take why", async () => {
  const reason = "No worker knows all that it needs. Missing: node kind “gone”.";
  const untaken = {
    workflow_id: "fl_9",
    workflow_name: "Odd",
    version: 2,
    runs: 7,
    since: "2026-05-01T12:00:00Z",
    reason,
  };
  const draft = { ...untaken, workflow_id: "fl_8", workflow_name: "Sketch", version: null, runs: 1 };
  stubServer({ ...usual, "GET /workers": { results: [], untaken: [untaken, draft] } });
  renderScreen(<SettingsPage />);
  const list = await screen.findByRole("list", { name: "Runs that no worker can take" });
  const [first, second] = within(list).getAllByRole("listitem");
  expect(first).toHaveTextContent(`7 runs of Odd, version 2`);
  expect(first).toHaveTextContent(reason);
  expect(within(first!).getByRole("link")).toHaveAttribute("href", "/app/runs?workflow=fl_9");
  expect(second).toHaveTextContent("1 run of Sketch, a draft");
  expect(screen.getByText("No worker has been here within the last day.")).toBeInTheDocument();
});
