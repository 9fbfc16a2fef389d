import { SkipForward } from "lucide-react";

import { formatDuration, IconButton } from "@/ui";

import styles from "./run-timeline.module.css";

interface MomentSliderProps {
  /** Milliseconds from the left end to the right one. */
  span: number;
  /** Null: as it stood in the end. */
  moment: number | null;
  onMoment: (moment: number | null) => void;
}

const STEPS = 200;

/** Drags the canvas through the run's time; by keyboard the arrows do it step by step. */
export function MomentSlider({ span, moment, onMoment }: MomentSliderProps) {
  const step = span / STEPS;
  return (
    <div className={styles.scrub}>
      <span className={styles.scrubLabel}>
        <span>{moment === null ? "At the end" : `After ${formatDuration(moment)}`}</span>
        {moment !== null && (
          <IconButton small icon={SkipForward} label="Back to the end" onClick={() => onMoment(null)} />
        )}
      </span>
      <input
        type="range"
        className={styles.slider}
        aria-label="Moment of the run shown on the canvas"
        aria-valuetext={moment === null ? "the end" : `after ${formatDuration(moment)}`}
        min={0}
        max={STEPS}
        value={moment === null ? STEPS : Math.round(moment / step)}
        onChange={(event) => {
          const chosen = Number(event.target.value);
          onMoment(chosen >= STEPS ? null : chosen * step);
        }}
      />
    </div>
  );
}
