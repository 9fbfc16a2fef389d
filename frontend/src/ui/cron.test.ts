import { expect, it } from "vitest";

import { cronInWords, scheduleInShort, scheduleInWords } from "./cron";

it.each([
  ["*/5 * * * *", "Every 5 minutes"],
  ["0 9 * * 1-5", "At 09:00, Monday through Friday"],
  ["*/30 * * * * *", "Every 30 seconds"],
])("reads %s out", (text, words) => expect(cronInWords(text)).toBe(words));

it.each(["", "daily", "61 * * * *", "a b c d e"])("leaves %j, which is no cron text, alone", (text) =>
  expect(cronInWords(text)).toBeNull(),
);

it.each([
  ["interval", "5 minutes", "Every 5 minutes"],
  ["daily", "08:30", "Every day at 08:30"],
  ["weekly", "mon 08:30", "Every week, mon 08:30"],
  ["cron", "not cron", "not cron"],
  ["cron", null, "No schedule"],
])("says a %s schedule of %s in words", (type, value, words) =>
  expect(scheduleInWords(type, value)).toBe(words),
);

it.each([
  ["At 09:00, Monday through Friday", "09:00, Mon–Fri"],
  ["At 09:00, only on Tuesday and Thursday", "09:00, only on Tue and Thu"],
  ["Every 5 minutes", "Every 5 minutes"],
  ["Mondayish", "Mondayish"],
])("shortens %s to %s", (words, short) => expect(scheduleInShort(words)).toBe(short));
