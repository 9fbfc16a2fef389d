import { expect, it } from "vitest";

import { log, run } from "@/testing/samples";

import { itemCounts } from "./item-counts";

it("counts what nodes handed on as lists, the last time that they did", () => {
  const logs = [
    log("a", 0, 1, { output: [1, 2] }),
    log("a", 1, 2, { attempt: 2, output: [1, 2, 3] }),
    log("b", 2, 3, { output: { items: [1] } }),
    log("c", 3, 4, { output: [1], iteration: "0" }),
    log("d", 4, null),
  ];
  expect(itemCounts(run({ logs }))).toEqual({ a: 3 });
});
