import type { Timeline, TimelineRow } from "@/api";

/** A stretch of time, in milliseconds. */
export interface Span {
  since: number;
  until: number;
}

export const spanOf = ({ since, until }: Pick<Timeline, "since" | "until">): Span => ({
  since: new Date(since).getTime(),
  until: new Date(until).getTime(),
});

/** Where a moment lies on the line, from 0 to 1. */
export const placeOf = (at: string | number, { since, until }: Span) =>
  (new Date(at).getTime() - since) / (until - since);

/** How many starts each of `count` equal parts of the span has, so that pile-ups are seen. */
export function pileUp(rows: readonly TimelineRow[], span: Span, count: number): number[] {
  const parts = new Array<number>(count).fill(0);
  const partSeconds = (span.until - span.since) / 1000 / count;
  for (const row of rows) {
    if (row.every_seconds) {
      for (let part = 0; part < count; part++) parts[part]! += partSeconds / row.every_seconds;
    }
    for (const { at } of row.fires) {
      const part = Math.floor(placeOf(at, span) * count);
      if (part >= 0 && part < count) parts[part]! += 1;
    }
  }
  return parts.map(Math.round);
}

const HOUR = 3_600_000;
const hour = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric" });

/** The marks below the line, in the reader's zone: every third hour, or where days matter every midnight. */
export function marks(span: Span): { at: number; text: string }[] {
  const byDay = span.until - span.since > 48 * HOUR;
  const found = [];
  const at = new Date(span.since);
  at.setMinutes(0, 0, 0);
  for (at.setHours(at.getHours() + 1); at.getTime() < span.until; at.setHours(at.getHours() + 1)) {
    const midnight = at.getHours() === 0;
    if (byDay ? midnight : at.getHours() % 3 === 0)
      found.push({ at: at.getTime(), text: (midnight ? day : hour).format(at) });
  }
  return found;
}

/** What a row's line says to those who do not see it. */
export function said(row: TimelineRow): string {
  if (row.every_seconds) return `Starts about every ${inWords(row.every_seconds)}`;
  const count = row.fires.length;
  return count === 1 ? "One start" : `${count} starts`;
}

export function inWords(seconds: number): string {
  if (seconds % 3600 === 0) return plural(seconds / 3600, "hour");
  if (seconds % 60 === 0) return plural(seconds / 60, "minute");
  return plural(seconds, "second");
}

const plural = (count: number, what: string) => (count === 1 ? what : `${count} ${what}s`);
