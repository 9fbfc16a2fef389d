/** The one status language: what the server calls a state → the word, the colour and the shape we show it with. */
export type StatusName =
  | "pending"
  | "running"
  | "waiting"
  | "suspended"
  | "completed"
  | "failed"
  | "terminated"
  | "skipped"
  | "interrupted";

const WORDS: Record<StatusName, string> = {
  pending: "Pending",
  running: "Running",
  waiting: "Waiting",
  suspended: "Suspended",
  completed: "Completed",
  failed: "Failed",
  terminated: "Terminated",
  skipped: "Skipped",
  interrupted: "Interrupted",
};

const ALSO: Record<string, StatusName> = { started: "running", ready: "pending", retrying: "waiting" };

export const RUN_STATUSES = [
  "pending",
  "running",
  "waiting",
  "suspended",
  "completed",
  "failed",
  "terminated",
] as const;

/** A word that a newer server may know and we do not is shown as pending's neutral shape. */
export function statusName(status: string): StatusName {
  if (status in WORDS) return status as StatusName;
  return ALSO[status] ?? "pending";
}

export function statusWord(status: string): string {
  const name = statusName(status);
  return name === "pending" && status !== "pending" && !(status in ALSO) ? status : WORDS[name];
}

/** CSS custom property of the status: `statusColor("failed", "ink")` → `var(--failed-ink)`. */
export function statusColor(status: string, shade?: "ink" | "wash"): string {
  const name = statusName(status);
  const token = name === "interrupted" ? "waiting" : name;
  return `var(--${token}${shade ? `-${shade}` : ""})`;
}
