import { render, screen } from "@testing-library/react";
import { expect, it } from "vitest";

import { Status } from "./status";
import { RUN_STATUSES } from "./status-words";

it.each([...RUN_STATUSES, "skipped", "interrupted"])("shows %s as shape, colour and word", (status) => {
  const { container } = render(<Status status={status} />);
  expect(screen.getByText(new RegExp(status, "i"))).toBeInTheDocument();
  expect(container.querySelector(`svg[data-status=${status}]`)).not.toBeNull();
});

it("gives every status another silhouette", () => {
  const shapes = [...RUN_STATUSES, "skipped", "interrupted"].map((status) => {
    const { container, unmount } = render(<Status status={status} look="icon" />);
    const shape = container.querySelector("svg")!.innerHTML;
    unmount();
    return shape;
  });
  expect(new Set(shapes).size).toBe(shapes.length);
});

it("keeps the word of a status it does not know", () => {
  render(<Status status="paused_by_policy" />);
  expect(screen.getByText("paused_by_policy")).toBeInTheDocument();
});
