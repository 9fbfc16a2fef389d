import type { Json } from "@/api";

import { sameJson } from "./comparing";

/** One field that differs; undefined on the side that does not have it. */
export interface FieldDifference {
  path: string;
  one: Json | undefined;
  other: Json | undefined;
}

export const SHOWN_AT_MOST = 100;

/** The smallest parts in which two values differ, in the order of the first; empty for equal ones. */
export function fieldDifferences(
  one: Json | undefined,
  other: Json | undefined,
  path = "",
): FieldDifference[] {
  if (sameJson(one, other)) return [];
  const keys = keysOf(one, other);
  if (!keys) return [{ path, one, other }];
  return keys
    .flatMap((key) => fieldDifferences(member(one, key), member(other, key), joined(path, key)))
    .slice(0, SHOWN_AT_MOST);
}

/** What both are made of; null where one of them is a plain value, or they are of two sorts. */
function keysOf(one: Json | undefined, other: Json | undefined): (string | number)[] | null {
  if (one === null || other === null || typeof one !== "object" || typeof other !== "object") return null;
  if (Array.isArray(one) && Array.isArray(other)) {
    return Array.from({ length: Math.max(one.length, other.length) }, (_, index) => index);
  }
  if (Array.isArray(one) || Array.isArray(other)) return null;
  return [...new Set([...Object.keys(one), ...Object.keys(other)])];
}

const member = (value: Json | undefined, key: string | number) =>
  (value as Record<string | number, Json | undefined>)[key];

function joined(path: string, key: string | number): string {
  if (typeof key === "number") return `${path}[${key}]`;
  if (!/^[A-Za-z_]\w*$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path ? `${path}.${key}` : key;
}
