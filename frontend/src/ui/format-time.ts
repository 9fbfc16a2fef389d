const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** 3 ms · 1.42 s · 2 min 05 s · 3 h 12 min: three figures at most, so that a column can be scanned. */
export function formatDuration(ms: number | null | undefined): string {
  if (ms == null) return "–";
  if (ms < 0) return "0 ms";
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 9_995) return `${(ms / 1000).toFixed(2)} s`;
  if (ms < MINUTE - 50) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${pad(seconds % 60)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ${pad(minutes % 60)} min`;
  const hours = Math.round(minutes / 60);
  return `${Math.floor(hours / 24)} d ${pad(hours % 24)} h`;
}

const pad = (value: number) => String(value).padStart(2, "0");

const words = new Intl.RelativeTimeFormat("en", { numeric: "auto", style: "short" });

/** "4 min ago", "in 2 hr.", "yesterday". */
export function relativeTime(at: string | number | Date, now: number = Date.now()): string {
  const delta = new Date(at).getTime() - now;
  const size = Math.abs(delta);
  if (size < 10_000) return delta > 0 ? "in a moment" : "just now";
  if (size < MINUTE) return words.format(Math.round(delta / 1000), "second");
  if (size < HOUR) return words.format(Math.round(delta / MINUTE), "minute");
  if (size < DAY) return words.format(Math.round(delta / HOUR), "hour");
  if (size < 30 * DAY) return words.format(Math.round(delta / DAY), "day");
  return formatDate(at);
}

const dateFormat = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });
const clockFormat = new Intl.DateTimeFormat("en-GB", {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
});
const exactFormat = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  timeZoneName: "short",
});
const soonFormat = new Intl.DateTimeFormat("en-GB", { weekday: "short", hour: "2-digit", minute: "2-digit" });
const laterFormat = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
});

export const formatDate = (at: string | number | Date) => dateFormat.format(new Date(at));
export const formatClock = (at: string | number | Date) => clockFormat.format(new Date(at));
export const formatExact = (at: string | number | Date) => exactFormat.format(new Date(at));

/** When something will happen, in the reader's zone: the weekday while it is near, then the date. */
export function formatNext(at: string, now: number = Date.now()): string {
  const time = new Date(at);
  return (time.getTime() - now < 6 * DAY ? soonFormat : laterFormat).format(time);
}

/** From the server's microseconds to the milliseconds a browser counts in; null stays null. */
export const toMs = (at: string | null | undefined) => (at ? new Date(at).getTime() : null);
