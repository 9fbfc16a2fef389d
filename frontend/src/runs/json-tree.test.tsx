import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";

import { columnsOf, isTabular } from "./json-table";
import { JsonTree, step } from "./json-tree";

describe("JsonTree", () => {
  it("shows every kind of value as text", () => {
    render(
      <JsonTree value={{ text: "<b>no markup</b>", n: 1.5, yes: true, none: null, list: [], map: {} }} />,
    );
    expect(screen.getByText('"<b>no markup</b>"')).toBeInTheDocument();
    for (const text of ["1.5", "true", "null", "[]", "{}"])
      expect(screen.getByText(text)).toBeInTheDocument();
  });

  it("folds and unfolds", async () => {
    render(<JsonTree value={{ order: { id: 4711 } }} open={1} />);
    const fold = screen.getByRole("button", { name: "order, 1 field" });
    expect(fold).toHaveAttribute("aria-expanded", "false");
    expect(screen.queryByText("4711")).toBeNull();
    await userEvent.click(fold);
    expect(screen.getByText("4711")).toBeInTheDocument();
  });

  it("draws a long list in parts", async () => {
    render(<JsonTree value={Array.from({ length: 250 }, (_, index) => `item ${index}`)} />);
    expect(screen.queryByText('"item 100"')).toBeNull();
    await userEvent.click(screen.getByRole("button", { name: "Show 100 more of 150" }));
    expect(screen.getByText('"item 199"')).toBeInTheDocument();
    expect(screen.getByRole("button", { name: "Show 50 more of 50" })).toBeInTheDocument();
  });

  it("cuts a very long text until it is asked for", async () => {
    render(<JsonTree value={"x".repeat(5000)} />);
    await userEvent.click(screen.getByRole("button", { name: "Show all 5,000 characters" }));
    expect(screen.getByText(`"${"x".repeat(5000)}"`)).toBeInTheDocument();
  });

  it("shows a list of objects as a table in place", async () => {
    render(<JsonTree value={{ rows: [{ sku: "A" }, { sku: "B", note: "late" }] }} />);
    await userEvent.click(screen.getByRole("button", { name: "Table" }));
    expect(screen.getAllByRole("columnheader").map((cell) => cell.textContent)).toEqual(["#", "sku", "note"]);
    await userEvent.click(screen.getByRole("button", { name: "Tree" }));
    expect(screen.queryByRole("table")).toBeNull();
  });
});

it("names a value by the path our expressions use", () => {
  expect(step("nodes.fetch", "body")).toBe("nodes.fetch.body");
  expect(step("input", "content-type")).toBe('input["content-type"]');
  expect(step("items", 3)).toBe("items[3]");
});

it("takes only lists of objects for tables", () => {
  expect(isTabular([{ a: 1 }])).toBe(true);
  for (const value of [[], [1], [{ a: 1 }, null], [[1]], { a: 1 }]) expect(isTabular(value)).toBe(false);
  expect(columnsOf([{ b: 1 }, { a: 1, b: 2 }])).toEqual(["b", "a"]);
});
