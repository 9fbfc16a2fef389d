import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";

import { testCatalogue } from "@/canvas/graph/testing";

import { ChoiceList } from "./choice-list";
import { kindsFor } from "./node-picker";
import { type Choice, found } from "./search";

const choices: Choice[] = [
  { id: "http", title: "HTTP request", group: "Actions", keywords: ["fetch", "api"] },
  { id: "set", title: "Set fields", group: "Data", keywords: ["map"] },
  { id: "reset", title: "Reset", group: "Data", hint: "fetch nothing" },
];
const ids = (query: string) => found(choices, query).map((choice) => choice.id);

describe("searching", () => {
  it.each([
    ["", ["http", "set", "reset"]],
    ["set", ["set", "reset"]],
    ["req", ["http"]],
    ["fetch", ["http", "reset"]],
    ["data", ["set", "reset"]],
    ["data map", ["set"]],
    ["nothing of the sort", []],
  ])("for “%s” finds %j", (query, expected) => {
    expect(ids(query)).toEqual(expected);
  });
});

describe("the picker", () => {
  const kinds = (spot: Parameters<typeof kindsFor>[1]) =>
    kindsFor(testCatalogue, spot).map((kind) => kind.kind);

  it("offers only what fits the spot", () => {
    expect(kinds({ at: "point", point: { x: 0, y: 0 } })).toContain("manual_trigger");
    expect(kinds({ at: "after", source: "a", handle: "out" })).not.toContain("manual_trigger");
    expect(kinds({ at: "edge", edge: "e" })).not.toContain("stop");
  });

  function show() {
    const onChoose = vi.fn();
    const onClose = vi.fn();
    render(
      <ChoiceList
        label="Add a node"
        placeholder="Search"
        empty="None"
        choices={choices}
        at={{ x: 0, y: 0 }}
        onChoose={onChoose}
        onClose={onClose}
      />,
    );
    return { onChoose, onClose };
  }

  it("is worked by keyboard alone", async () => {
    const { onChoose } = show();
    const input = screen.getByRole("combobox", { name: "Add a node" });
    expect(input).toHaveFocus();
    await userEvent.keyboard("{ArrowDown}{ArrowDown}{ArrowDown}{ArrowUp}");
    expect(screen.getByRole("option", { selected: true })).toHaveTextContent("Reset");
    await userEvent.keyboard("set{Enter}");
    expect(onChoose).toHaveBeenCalledWith(choices[1]);
  });

  it("says so when there is nothing, and closes on Escape or a click elsewhere", async () => {
    const { onClose } = show();
    await userEvent.keyboard("zzz");
    expect(screen.getByText("None")).toBeVisible();
    await userEvent.keyboard("{Escape}");
    await userEvent.click(document.body);
    expect(onClose).toHaveBeenCalledTimes(2);
  });
});
