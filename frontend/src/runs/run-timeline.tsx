import { useMemo } from "react";

import { isFinal, type Run } from "@/api";
import { formatDuration, statusColor, StatusIcon, statusName, statusWord, useNow, useRoving } from "@/ui";

import styles from "./run-timeline.module.css";
import { criticalPath } from "./moments";
import { MomentSlider } from "./moment-slider";
import { buildTimeline, tickLabel, type TimelineBar, type TimelineRow } from "./timeline";

export interface RunTimelineProps {
  run: Run;
  selectedNodeId: string | null;
  /** `logId` when one attempt was chosen and not only its node. */
  onSelect: (nodeId: string, logId: string | null) => void;
  /** The moment that the canvas shows, in milliseconds since the run was asked for; null is its end. */
  moment?: number | null;
  onMoment?: (moment: number | null) => void;
}

/** One bar per node attempt; what overlaps here ran at the same time. */
export function RunTimeline({ run, selectedNodeId, onSelect, moment = null, onMoment }: RunTimelineProps) {
  const now = useNow(100, !isFinal(run.status));
  const critical = useMemo(() => (isFinal(run.status) ? criticalPath(run) : NO_PATH), [run]);
  const { rows, span, ticks, queued } = useMemo(() => buildTimeline(run, now), [run, now]);
  const chosen = rows.findIndex((row) => row.nodeId === selectedNodeId);
  const roving = useRoving(rows.length, Math.max(0, chosen));
  if (rows.length === 0) {
    return <p className={styles.none}>No node has started yet.</p>;
  }
  const percent = (ms: number) => `${(ms / span) * 100}%`;
  return (
    <div className={styles.timeline} role="group" aria-label="Timeline, one row per node">
      {onMoment && isFinal(run.status) && <MomentSlider span={span} moment={moment} onMoment={onMoment} />}
      <div className={styles.axis} aria-hidden="true">
        <div className={styles.plot}>
          {ticks.map((tick) => (
            <span key={tick} className={styles.tick} style={{ left: percent(tick) }}>
              {tickLabel(tick)}
            </span>
          ))}
        </div>
      </div>
      <div className={styles.rows} onKeyDown={roving.onKeyDown}>
        <div className={styles.grid} aria-hidden="true">
          <div className={styles.plot}>
            {ticks.map((tick) => (
              <span key={tick} className={styles.line} style={{ left: percent(tick) }} />
            ))}
            {moment !== null && <span className={styles.head} style={{ left: percent(moment) }} />}
            {queued > 0 && (
              <span
                className={styles.queue}
                style={{ width: percent(queued) }}
                title={`In the queue for ${formatDuration(queued)}`}
              />
            )}
          </div>
        </div>
        {rows.map((row, index) => (
          <div
            key={row.nodeId}
            className={styles.row}
            data-selected={row.nodeId === selectedNodeId || undefined}
          >
            <button
              type="button"
              className={styles.label}
              data-roving
              tabIndex={roving.tabIndex(index)}
              aria-pressed={row.nodeId === selectedNodeId}
              aria-label={describe(row)}
              onFocus={() => roving.onFocus(index)}
              onClick={() => onSelect(row.nodeId, null)}
            >
              <StatusIcon status={row.status} size={13} />
              <span className={styles.labelText}>{row.label}</span>
            </button>
            <div className={styles.plot}>
              {row.bars.map((bar) => (
                <Bar
                  key={bar.key}
                  bar={bar}
                  critical={bar.logId !== null && critical.size > 1 && critical.has(bar.logId)}
                  percent={percent}
                  onSelect={(id) => onSelect(row.nodeId, id)}
                />
              ))}
              {row.bars.length === 0 && (
                <span className={styles.without}>{row.ran ? "Taken over" : statusWord(row.status)}</span>
              )}
            </div>
          </div>
        ))}
      </div>
    </div>
  );
}

const NO_PATH: ReadonlySet<string> = new Set();

interface BarProps {
  bar: TimelineBar;
  /** The run's length hangs on it. */
  critical: boolean;
  percent: (ms: number) => string;
  onSelect: (logId: string | null) => void;
}

/** For the mouse; by keyboard the row's own button chooses, and the log table the single attempt. */
function Bar({ bar, critical, percent, onSelect }: BarProps) {
  const length = formatDuration(bar.to - bar.from);
  const what = bar.logId
    ? `${statusWord(bar.status)}, attempt ${bar.attempt}: ${length}`
    : `Pause before attempt ${bar.attempt}: ${length}`;
  return (
    <span
      className={styles.bar}
      data-wait={bar.wait || undefined}
      data-critical={critical || undefined}
      data-status={statusName(bar.status)}
      style={{ left: percent(bar.from), width: percent(bar.to - bar.from), color: statusColor(bar.status) }}
      title={critical ? `${what}. On the critical path: the run took as long as this chain.` : what}
      onClick={() => onSelect(bar.logId)}
    />
  );
}

function describe(row: TimelineRow): string {
  const worked = row.bars.filter((bar) => bar.logId !== null);
  if (worked.length === 0) return `${row.label}: ${statusWord(row.status)}`;
  const from = Math.min(...worked.map((bar) => bar.from));
  const to = Math.max(...worked.map((bar) => bar.to));
  const attempts = worked.length > 1 ? `, ${worked.length} attempts` : "";
  return `${row.label}: ${statusWord(row.status)}, from ${formatDuration(from)} for ${formatDuration(to - from)}${attempts}`;
}
