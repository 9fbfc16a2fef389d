import { execFileSync } from "node:child_process";

import { expect, it } from "vitest";

import { asCurl, shortId } from "./run-words";

it("writes a command that a shell reads back as the same payload", () => {
  const payload = { name: "O'Neil & Söhne", code: '$(whoami) "`x`" \\' };
  const command = asCurl("http://127.0.0.1:8000", "fl_1", payload);
  const heard = execFileSync("sh", ["-c", `curl() { printf '%s\\0' "$@"; }\n${command}`], {
    env: { ...process.env, PENSTOCK_API_KEY: "psk_1" },
  })
    .toString()
    .split("\0");
  expect(JSON.parse(heard[heard.indexOf("-d") + 1]!)).toEqual({ context: payload });
  expect(heard).toContain("http://127.0.0.1:8000/api/v1/workflows/fl_1/execute");
  expect(heard).toContain("Authorization: Bearer psk_1");
});

it("prefers the caller's own name of a run", () => {
  expect(shortId({ id: "fl_run_0123456789", run_id: "order-7" })).toBe("order-7");
  expect(shortId({ id: "fl_run_0123456789", run_id: null })).toBe("…23456789");
});
