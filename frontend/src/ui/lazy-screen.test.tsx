import { render, screen } from "@testing-library/react";
import { expect, it, vi } from "vitest";

import { lazyScreen } from "./lazy-screen";

it("shows that it loads, then the screen, and the next time the screen at once", async () => {
  const load = vi.fn(() => Promise.resolve(() => <h1>Here</h1>));
  const Screen = lazyScreen(load);
  const { unmount } = render(<Screen />);
  expect(screen.getByRole("status")).toHaveTextContent("Loading page");
  await screen.findByRole("heading", { name: "Here" });
  unmount();
  render(<Screen />);
  screen.getByRole("heading", { name: "Here" });
  expect(load).toHaveBeenCalledOnce();
});

it("hands a failure on to whoever catches it", async () => {
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  const thrown = new Promise((resolve) => {
    window.addEventListener("error", (event) => resolve(event.error), { once: true });
  });
  const Screen = lazyScreen(() => Promise.reject(new Error("gone")));
  render(<Screen />);
  expect(await thrown).toEqual(new Error("gone"));
});
