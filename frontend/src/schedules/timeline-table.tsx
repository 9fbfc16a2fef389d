import { CirclePause, Ellipsis, History, TriangleAlert } from "lucide-react";
import { type CSSProperties, useMemo } from "react";
import { Link } from "react-router";

import type { Schedule, Timeline, TimelineRow } from "@/api";
import {
  Button,
  cell,
  formatExact,
  formatNext,
  IconButton,
  Menu,
  MenuItem,
  paths,
  scheduleInShort,
  Table,
} from "@/ui";

import { marks, pileUp, placeOf, said, type Span, spanOf } from "./line";
import styles from "./schedules.module.css";

const COLUMNS = [
  { label: "Workflow", width: "19%" },
  { label: "Schedule", width: "21%" },
  { label: "Next", width: "104px" },
  { label: "Time line", hidden: true },
  { label: "More", hidden: true, width: "48px" },
];

const PARTS = { 24: 48, 168: 84 } as Record<number, number>;

interface TimelineTableProps {
  timeline: Timeline;
  hours: number;
  onHours: (hours: number) => void;
  onPause: (schedule: Schedule) => void;
  onBackfill: (schedule: Schedule) => void;
}

export function TimelineTable({ timeline, hours, onHours, ...actions }: TimelineTableProps) {
  const span = useMemo(() => spanOf(timeline), [timeline]);
  const rows = timeline.results;
  return (
    <section className={styles.section} aria-label="What is coming">
      <div className={styles.bar}>
        <p className={cell.faint}>
          {rows.length === 0 ? "Nothing is due in this time." : "In your own time zone."}
          {timeline.next && " These are the earliest hundred."}
        </p>
        <div className={styles.choice} role="group" aria-label="How far ahead">
          {[24, 168].map((each) => (
            <Button
              key={each}
              small
              look={each === hours ? "plain" : "quiet"}
              aria-pressed={each === hours}
              onClick={() => onHours(each)}
            >
              {each === 24 ? "24 hours" : "7 days"}
            </Button>
          ))}
        </div>
      </div>
      <Table label="Coming starts" columns={COLUMNS} rowHeight={46}>
        <tr className={styles.summary}>
          <td colSpan={3}>All together</td>
          <td>
            <PileUp rows={rows} span={span} parts={PARTS[hours] ?? 48} />
          </td>
          <td />
        </tr>
        {rows.map((row) => (
          <Row key={row.id} row={row} span={span} {...actions} />
        ))}
      </Table>
    </section>
  );
}

function PileUp({ rows, span, parts }: { rows: TimelineRow[]; span: Span; parts: number }) {
  const heights = useMemo(() => pileUp(rows, span, parts), [rows, span, parts]);
  const most = Math.max(...heights, 1);
  const hours = (span.until - span.since) / parts / 3_600_000;
  const unit = hours < 1 ? `${hours * 60} minutes` : `${hours} hours`;
  return (
    <div className={styles.line}>
      <div className={styles.bars} role="img" aria-label={`At most ${most} starts within ${unit}`}>
        {heights.map((height, part) => (
          <i key={part} style={{ height: `${(height / most) * 100}%` }} title={`${height} starts`} />
        ))}
      </div>
      <div className={styles.marks} aria-hidden="true">
        {marks(span).map(({ at, text }) => (
          <span key={at} style={{ left: `${placeOf(at, span) * 100}%` }}>
            {text}
          </span>
        ))}
      </div>
    </div>
  );
}

interface RowProps extends Pick<TimelineTableProps, "onPause" | "onBackfill"> {
  row: TimelineRow;
  span: Span;
}

function Row({ row, span, onPause, onBackfill }: RowProps) {
  return (
    <tr>
      <td className={styles.clipped}>
        <Link to={paths.workflow(row.workflow_id)} className={styles.workflow}>
          {row.workflow_name}
        </Link>
      </td>
      <td className={styles.clipped} title={`${row.words}, ${row.timezone}`}>
        {scheduleInShort(row.words)} <span className={cell.faint}>{row.timezone}</span>
      </td>
      <td>
        {row.is_overdue ? (
          <span className={styles.overdue}>
            <TriangleAlert size={14} aria-hidden="true" /> Overdue
          </span>
        ) : (
          row.next_due_at && (
            <time dateTime={row.next_due_at} title={formatExact(row.next_due_at)}>
              {formatNext(row.next_due_at)}
            </time>
          )
        )}
      </td>
      <td>
        <Line row={row} span={span} />
      </td>
      <td>
        <Menu trigger={<IconButton small icon={Ellipsis} label={`More about ${row.workflow_name}`} />}>
          <MenuItem icon={CirclePause} onSelect={() => onPause(row)}>
            Pause…
          </MenuItem>
          <MenuItem icon={History} onSelect={() => onBackfill(row)}>
            Backfill…
          </MenuItem>
        </Menu>
      </td>
    </tr>
  );
}

function Line({ row, span }: { row: TimelineRow; span: Span }) {
  return (
    <div className={styles.track} role="img" aria-label={said(row)}>
      {row.every_seconds && <i className={styles.band} />}
      {row.fires.map(({ at, clock_change }) => (
        <i
          key={at}
          className={styles.fire}
          data-change={clock_change ?? undefined}
          style={{ left: `${placeOf(at, span) * 100}%` } as CSSProperties}
          title={formatExact(at) + (clock_change ? ": the clocks change" : "")}
        />
      ))}
    </div>
  );
}
