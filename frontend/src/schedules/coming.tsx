import { useState } from "react";

import { type Schedule, useSchedules, useTimeline } from "@/api";
import { EmptyState, FlowFigure, LinkButton, Loading, paths, ProblemNote } from "@/ui";

import { BackfillDialog } from "./backfill-dialog";
import { PauseDialog } from "./pause-dialog";
import { Resting } from "./resting";
import styles from "./schedules.module.css";
import { TimelineTable } from "./timeline-table";

interface ComingProps {
  hours: number;
  onHours: (hours: number) => void;
}

export function Coming({ hours, onHours }: ComingProps) {
  const timeline = useTimeline(hours);
  const all = useSchedules();
  const [pausing, setPausing] = useState<Schedule | null>(null);
  const [filling, setFilling] = useState<Schedule | null>(null);
  const error = timeline.error ?? all.error;
  const shown = new Set(timeline.data?.results.map((row) => row.id));
  const resting = (all.data ?? []).filter((row) => !shown.has(row.id));
  return (
    <div className={styles.panel}>
      {error && <ProblemNote error={error} retry={() => void timeline.refetch()} />}
      {(timeline.isPending || all.isPending) && <Loading what="schedules" />}
      {all.data?.length === 0 && <NoSchedules />}
      {timeline.data && all.data && all.data.length > 0 && (
        <TimelineTable
          timeline={timeline.data}
          hours={hours}
          onHours={onHours}
          onPause={setPausing}
          onBackfill={setFilling}
        />
      )}
      {resting.length > 0 && <Resting rows={resting} hours={hours} onBackfill={setFilling} />}
      {pausing && <PauseDialog schedule={pausing} onClose={() => setPausing(null)} />}
      {filling && <BackfillDialog schedule={filling} onClose={() => setFilling(null)} />}
    </div>
  );
}

function NoSchedules() {
  return (
    <EmptyState
      title="Nothing starts by the clock yet"
      figure={<FlowFigure />}
      actions={
        <LinkButton look="primary" to={paths.workflows}>
          Open a workflow
        </LinkButton>
      }
    >
      Add a Schedule trigger to a workflow, publish it and switch it on. All that is coming then stands here
      on one time line.
    </EmptyState>
  );
}
