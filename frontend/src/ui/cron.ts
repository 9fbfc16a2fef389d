import cronstrue from "cronstrue";

const FIELDS = /^\S+(\s+\S+){4,5}$/;

/** A schedule's value in words: cron text is read out, the other kinds are nearly words already. */
export function scheduleInWords(type: string, value: string | null): string {
  if (!value) return "No schedule";
  if (type === "interval") return `Every ${value}`;
  if (type === "daily") return `Every day at ${value}`;
  if (type === "weekly") return `Every week, ${value}`;
  if (type === "monthly") return `Every month, day ${value}`;
  return cronInWords(value) ?? value;
}

/** Null when the text is no cron expression. */
export function cronInWords(text: string): string | null {
  if (!FIELDS.test(text.trim())) return null;
  try {
    return cronstrue.toString(text.trim(), { use24HourTimeFormat: true, verbose: false });
  } catch {
    return null;
  }
}

/** The words of a schedule for a narrow column: "At 09:00, Monday through Friday" → "09:00, Mon–Fri". */
export const scheduleInShort = (words: string) =>
  words
    .replace(/^At (?=\d)/, "")
    .replace(/\b(Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b/g, (day) => day.slice(0, 3))
    .replaceAll(" through ", "–");
