import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";

import { ApiProblem } from "@/api";

import { ProblemNote } from "./problem-note";

const fault = (path: string, message: string) => ({
  path,
  code: "x",
  message,
  node_id: null,
  edge_id: null,
  field: null,
});

it("says what went wrong, where, and offers to try again", async () => {
  const retry = vi.fn();
  const errors = [fault("nodes[0].data.url", "Give an address."), fault("edges[1]", "Leads nowhere.")];
  const problem = new ApiProblem({
    title: "Broken graph",
    status: 422,
    code: "x",
    detail: "Two faults.",
    errors,
  });
  render(<ProblemNote error={problem} retry={retry} />);
  const note = screen.getByRole("alert");
  for (const text of [
    "Broken graph",
    "Two faults.",
    "nodes[0].data.url",
    "Give an address.",
    "Leads nowhere.",
  ]) {
    expect(note).toHaveTextContent(text);
  }
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(retry).toHaveBeenCalledOnce();
});

it("does not say the same thing twice", () => {
  const errors = [fault("status", "Unknown status.")];
  const problem = new ApiProblem({
    title: "Bad request",
    status: 400,
    code: "x",
    detail: "status: Unknown status.",
    errors,
  });
  render(<ProblemNote error={problem} />);
  expect(screen.getAllByText(/Unknown status/)).toHaveLength(1);
});

it("names a fault of the page itself too", () => {
  render(<ProblemNote error={new TypeError("x is undefined")} />);
  expect(screen.getByRole("alert")).toHaveTextContent("This page ran into a fault");
});
