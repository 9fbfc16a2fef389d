import { BellRing, CalendarClock, Hand, Plug, Webhook, Workflow } from "lucide-react";

import styles from "./runs.module.css";

export const TRIGGERS = {
  manual: { word: "By hand", icon: Hand },
  api: { word: "API", icon: Plug },
  webhook: { word: "Webhook", icon: Webhook },
  schedule: { word: "Schedule", icon: CalendarClock },
  workflow: { word: "Another workflow", icon: Workflow },
  alert: { word: "Alert", icon: BellRing },
};

export function Trigger({ type }: { type: string }) {
  const { word, icon: Icon } = TRIGGERS[type as keyof typeof TRIGGERS] ?? { word: type, icon: Plug };
  return (
    <span className={styles.trigger}>
      <Icon size={14} aria-hidden="true" />
      {word}
    </span>
  );
}
