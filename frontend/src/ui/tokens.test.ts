import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

const css = readFileSync("src/ui/tokens.css", "utf8");
const palette = Object.fromEntries(
  [...css.matchAll(/--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/g)].map(
    ([, name, light, dark]) => [name, { light, dark }],
  ),
);

function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5]
    .map((at) => parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}

function contrast(a: string, b: string): number {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (high! + 0.05) / (low! + 0.05);
}

const statuses = [
  "pending",
  "running",
  "waiting",
  "suspended",
  "completed",
  "failed",
  "terminated",
  "skipped",
];
const grounds = ["ground", "surface", "raised"];
const text: [string, string][] = [
  ...["ink", "ink-soft", "ink-faint", "accent", "json-key", "json-text", "json-number", "json-word"].flatMap(
    (name): [string, string][] => grounds.map((ground) => [name, ground]),
  ),
  ...["ink", "ink-soft", "ink-faint"].map((name): [string, string] => [name, "hover"]),
  ["ink", "accent-wash"],
  ["accent", "accent-wash"],
  ["on-accent", "accent"],
  ["on-accent", "accent-hover"],
  ["on-danger", "danger"],
  ["on-danger", "danger-hover"],
  ["ink", "failed-wash"],
  ["ink-faint", "sunken"],
  ...statuses.flatMap((name): [string, string][] => [
    [`${name}-ink`, `${name}-wash`],
    ...grounds.map((ground): [string, string] => [`${name}-ink`, ground]),
  ]),
];
const shapes: [string, string][] = [
  ...[...statuses, "focus", "line-strong"].flatMap((name): [string, string][] =>
    grounds.map((ground) => [name, ground]),
  ),
  ["focus", "accent-wash"],
];

describe.each(["light", "dark"] as const)("the %s theme", (theme) => {
  it.each(text)("has text contrast for %s on %s", (front, back) => {
    expect(contrast(palette[front]![theme]!, palette[back]![theme]!)).toBeGreaterThanOrEqual(4.5);
  });

  it.each(shapes)("has shape contrast for %s on %s", (front, back) => {
    expect(contrast(palette[front]![theme]!, palette[back]![theme]!)).toBeGreaterThanOrEqual(3);
  });
});
