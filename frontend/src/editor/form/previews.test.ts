import { beforeEach, describe, expect, it, vi } from "vitest";

import type { PreviewResult } from "@/api";

import { faultIn, Previews } from "./previews";

const result = (value: string): PreviewResult => ({ value, is_shortened: false, error: null });

beforeEach(() => void vi.useFakeTimers());

/** A server that answers each question with its own text in capitals, when it is told to. */
function server() {
  const asked: Record<string, unknown>[] = [];
  const pending: (() => void)[] = [];
  const previews = new Previews(
    (settings) =>
      new Promise((resolve) => {
        asked.push(settings);
        pending.push(() =>
          resolve(
            Object.fromEntries(
              Object.entries(settings).map(([id, text]) => [id, result(String(text).toUpperCase())]),
            ),
          ),
        );
      }),
  );
  const answer = async () => {
    pending.shift()!();
    await vi.advanceTimersByTimeAsync(0);
  };
  return { previews, asked, answer };
}

describe("previews", () => {
  it("asks once for all fields when the hand rests", async () => {
    const { previews, asked, answer } = server();
    previews.want("a", "{{ x");
    previews.want("a", "{{ x }}");
    previews.want("b", "{{ y }}");
    expect(asked).toEqual([]);
    await vi.advanceTimersByTimeAsync(300);
    expect(asked).toEqual([{ a: "{{ x }}", b: "{{ y }}" }]);
    await answer();
    expect(previews.store.getState().a).toEqual({ value: "{{ x }}", result: result("{{ X }}") });
  });

  it("asks only about what has changed", async () => {
    const { previews, asked, answer } = server();
    previews.want("a", "{{ x }}");
    previews.want("b", "{{ y }}");
    await vi.advanceTimersByTimeAsync(300);
    await answer();
    previews.want("a", "{{ x }}");
    previews.want("b", "{{ z }}");
    await vi.advanceTimersByTimeAsync(300);
    expect(asked[1]).toEqual({ b: "{{ z }}" });
  });

  it("leaves out an answer that typing has overtaken", async () => {
    const { previews, answer } = server();
    previews.want("a", "{{ x }}");
    await vi.advanceTimersByTimeAsync(300);
    previews.want("a", "{{ xy }}");
    await answer();
    expect(previews.store.getState().a).toBeUndefined();
  });

  it("asks again for everything when the values behind it are new", async () => {
    const { previews, asked, answer } = server();
    previews.want("a", "{{ x }}");
    await vi.advanceTimersByTimeAsync(300);
    await answer();
    previews.refresh();
    await vi.advanceTimersByTimeAsync(300);
    expect(asked).toHaveLength(2);
  });
});

it("tells which word of the text an error is about", () => {
  const error = (offset: number) => ({ error: { message: "No such node", position: { offset } } }) as never;
  expect(faultIn("sum: {{ nodes.fetch + 1 }}", error(8))).toEqual({
    from: 8,
    to: 19,
    message: "No such node",
  });
  expect(faultIn("nodes.fetch", error(3), 3)).toMatchObject({ from: 0, to: 11 });
  expect(faultIn("a +", error(9))).toMatchObject({ from: 2, to: 3 });
  expect(faultIn("a", { value: 1 } as never)).toBeNull();
});
