import { expect, it } from "vitest";

import { farAt } from "./far";

it("counts the steps from where all can be read to where no name can", () => {
  expect([1, 0.62, 0.5, 0.42, 0.35, 0.25, 0.15, 0.1].map(farAt)).toEqual([
    undefined,
    undefined,
    1,
    1,
    2,
    3,
    4,
    5,
  ]);
});
