import { CalendarClock, CirclePause, TriangleAlert } from "lucide-react";
import { Fragment, useMemo, useState } from "react";
import { Link } from "react-router";

import { asProblem, type Fire, type ScheduleSettings, useSchedulePreview, useWorkflow } from "@/api";
import { type FlowNode, settingOf } from "@/canvas/graph";
import { paths, useDebounced } from "@/ui";

import { useEditor } from "../editor";
import styles from "./inspector.module.css";

const SETTINGS = ["schedule_type", "schedule_value", "timezone", "starts_on", "ends_on", "jitter"] as const;

/** What the schedule means, and its next ten starts as it is written now: by its own clock and in UTC. */
export function ScheduleNote({ node }: { node: FlowNode }) {
  const settings = useRested(settingsOf(node));
  const preview = useSchedulePreview(settings);
  const fires = preview.data?.results ?? [];
  const told = preview.error && settings.schedule_value ? asProblem(preview.error).detail : null;
  return (
    <div className={styles.note}>
      <p className={styles.noteHead}>
        <CalendarClock size={15} aria-hidden /> Next starts
      </p>
      <State node={node} />
      {!settings.schedule_value && <p>Write a schedule to see when it starts.</p>}
      {told && <p className={styles.warning}>{told}</p>}
      {preview.data && settings.schedule_value && !told && (
        <>
          <p className={styles.words}>{preview.data.words}</p>
          {fires.length === 0 ? <p>It has no coming time.</p> : <Fires fires={fires} />}
        </>
      )}
    </div>
  );
}

function State({ node }: { node: FlowNode }) {
  const { data: workflow } = useWorkflow(useEditor().workflowId);
  const trigger = workflow?.triggers.find((each) => each.node_id === node.id);
  if (trigger?.pause_reason != null) {
    return (
      <p className={styles.warning}>
        <CirclePause size={14} aria-hidden />
        <span>
          Paused{trigger.pause_reason && `: ${trigger.pause_reason}`}.{" "}
          <Link to={paths.schedule}>Resume it under Schedule</Link>
        </span>
      </p>
    );
  }
  return workflow?.is_active ? null : <p>It starts once the workflow is published and active.</p>;
}

function Fires({ fires }: { fires: Fire[] }) {
  return (
    <table className={styles.fires} aria-label="Next starts">
      <thead>
        <tr>
          <th scope="col">{fires[0]!.timezone}</th>
          <th scope="col">UTC</th>
        </tr>
      </thead>
      <tbody>
        {fires.map((fire) => (
          <Fragment key={fire.at}>
            <tr>
              <td>{onTheWall(fire.local)}</td>
              <td>
                <time dateTime={fire.at}>{onTheWall(fire.at)}</time>
              </td>
            </tr>
            {fire.note && (
              <tr data-clock-change={fire.clock_change}>
                <td colSpan={2}>
                  <p className={styles.warning}>
                    <TriangleAlert size={13} aria-hidden /> {fire.note}
                  </p>
                </td>
              </tr>
            )}
          </Fragment>
        ))}
      </tbody>
    </table>
  );
}

const wallClock = new Intl.DateTimeFormat("en-GB", {
  weekday: "short",
  day: "2-digit",
  month: "short",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  timeZone: "UTC",
});

/** The date and time as they stand in the text, whatever its zone: the server has done the reckoning. */
const onTheWall = (text: string) => wallClock.format(new Date(`${text.slice(0, 19)}Z`)).replace(/:00$/, "");

function settingsOf(node: FlowNode): ScheduleSettings {
  const given = SETTINGS.map((name) => [name, settingOf(node, name)]);
  return Object.fromEntries(given.filter(([, value]) => value != null && value !== "")) as ScheduleSettings;
}

/** The settings once nobody has typed for a moment. */
function useRested(settings: ScheduleSettings): ScheduleSettings {
  const text = JSON.stringify(settings);
  const [rested, setRested] = useState(text);
  useDebounced(text, setRested);
  return useMemo(() => JSON.parse(rested) as ScheduleSettings, [rested]);
}
