import { CircleCheck, CircleSlash, CircleX, Hourglass, type LucideIcon, TriangleAlert } from "lucide-react";

import type { Firing } from "@/api";

import styles from "./schedules.module.css";

type Name = Firing["outcome"];

export const OUTCOMES: Record<Name, { word: string; icon: LucideIcon }> = {
  started: { word: "Started", icon: CircleCheck },
  queued: { word: "Queued", icon: Hourglass },
  skipped: { word: "Skipped", icon: CircleSlash },
  missed: { word: "Missed", icon: TriangleAlert },
  refused: { word: "Refused", icon: CircleX },
};

/** Shape, colour and word; what started, but too late, says so. */
export function Outcome({ outcome, alarm }: { outcome: Name; alarm: boolean }) {
  const late = outcome === "started" && alarm;
  const { word, icon: Icon } = OUTCOMES[late ? "missed" : outcome];
  return (
    <span className={styles.outcome} data-outcome={late ? "missed" : outcome}>
      <Icon size={15} aria-hidden="true" />
      {late ? "Late" : word}
    </span>
  );
}
