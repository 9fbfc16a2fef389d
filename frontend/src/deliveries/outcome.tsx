import { Ban, Copy, Ear, Filter, type LucideIcon, Megaphone, Play, Reply } from "lucide-react";

import type { DeliveryOutcome } from "@/api";

import styles from "./deliveries.module.css";

/** What became of a request: in words everywhere the same. */
export const OUTCOMES: Record<DeliveryOutcome, { word: string; icon: LucideIcon; about: string }> = {
  started: { word: "Run started", icon: Play, about: "It started a run." },
  duplicate: {
    word: "Duplicate",
    icon: Copy,
    about: "The same delivery came before; it got the same answer.",
  },
  filtered: { word: "Filtered", icon: Filter, about: "The trigger’s filter did not let it pass." },
  answered: { word: "Answered", icon: Reply, about: "The sender asked whether the address is yours." },
  heard: { word: "Heard", icon: Ear, about: "A test request that an editor listened for." },
  raised: { word: "Event raised", icon: Megaphone, about: "Runs that waited for it were told." },
  refused: { word: "Refused", icon: Ban, about: "It was turned away." },
};

export function Outcome({ outcome }: { outcome: DeliveryOutcome }) {
  const { word, icon: Icon } = OUTCOMES[outcome];
  return (
    <span className={styles.outcome} data-outcome={outcome}>
      <Icon size={14} aria-hidden="true" />
      {word}
    </span>
  );
}
