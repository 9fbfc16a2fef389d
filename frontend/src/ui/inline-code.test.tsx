import { render, screen } from "@testing-library/react";
import { expect, it } from "vitest";

import { InlineCode } from "./inline-code";

it("sets apart what stands between backticks", () => {
  const { container } = render(<InlineCode text="Found in `$`, else `input`." />);
  expect(container.textContent).toBe("Found in $, else input.");
  expect(screen.getAllByText(/\$|input/, { selector: "code" }).map((part) => part.textContent)).toEqual([
    "$",
    "input",
  ]);
});
