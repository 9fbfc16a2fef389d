import { screen } from "@testing-library/react";
import { beforeEach, expect, it, vi } from "vitest";

import { renderScreen } from "@/testing/render";
import { workflowRow } from "@/testing/samples";
import { stubServer } from "@/testing/server";

import { CommandPaletteHost } from "./command-palette-host";
import { allCommands, registerCommands } from "./commands";
import { setPaletteOpen } from "./palette";

beforeEach(() => {
  setPaletteOpen(false);
  // cmdk scrolls its choice into view, which happy-dom has no layout for.
  Element.prototype.scrollIntoView = vi.fn();
  stubServer({ "GET /workflows": { results: [workflowRow()], next: null } });
});

it("opens by key, finds a screen and goes there", async () => {
  const { user, address } = renderScreen(<CommandPaletteHost />);
  await user.keyboard("{Control>}k{/Control}");
  await user.type(await screen.findByRole("combobox"), "credent");
  await user.keyboard("{Enter}");
  expect(address()).toBe("/app/credentials");
  expect(screen.queryByRole("dialog")).toBeNull();
});

it("finds workflows", async () => {
  const { user, address } = renderScreen(<CommandPaletteHost />);
  await user.keyboard("{Meta>}k{/Meta}");
  await user.click(await screen.findByRole("option", { name: "Orders" }));
  expect(address()).toBe("/app/workflows/fl_01");
});

it("offers what the open screen has registered, first, and only while it is open", async () => {
  const run = vi.fn();
  const { user } = renderScreen(<CommandPaletteHost />);
  const takeAway = registerCommands([{ id: "editor.run", title: "Run the draft", group: "Editor", run }]);
  await user.keyboard("{Control>}k{/Control}");
  await screen.findByRole("option", { name: "Run the draft" });
  await user.keyboard("{Enter}");
  expect(run).toHaveBeenCalledOnce();
  takeAway();
  expect(allCommands().some((command) => command.id === "editor.run")).toBe(false);
});

it("lets a command registered again take the place of the old one", () => {
  const first = registerCommands([{ id: "x", title: "Old", group: "G", run: vi.fn() }]);
  const second = registerCommands([{ id: "x", title: "New", group: "G", run: vi.fn() }]);
  first();
  expect(allCommands().filter((command) => command.id === "x")).toMatchObject([{ title: "New" }]);
  second();
});
