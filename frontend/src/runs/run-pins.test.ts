import { expect, it } from "vitest";

import { log, run, workflow } from "@/testing/samples";

import { pinsFrom } from "./run-pins";

it("pins what others follow on and the draft still has", () => {
  const past = run({
    logs: [
      log("start", 0, 10, { output: { n: 1 } }),
      log("start", 10, 20, { attempt: 2, output: { n: 2 }, handle: "true" }),
      log("fetch", 20, 30),
      log("gone", 20, 30),
      log("spare", 30, 40, { status: "failed", handle: null }),
    ],
  });
  expect(pinsFrom(past, workflow())).toEqual({ start: { value: { n: 2 }, handle: "true" } });
});
