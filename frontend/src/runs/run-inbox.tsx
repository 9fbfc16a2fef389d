import { BellRing } from "lucide-react";
import { useState } from "react";

import { isFinal, type Run, type ToldEvent, useToldEvents } from "@/api";
import { Button, cell, formatDuration, ListFoot, Loading, ProblemNote, RelativeTime, toMs } from "@/ui";

import { EventDialog } from "./run-dialogs";
import styles from "./run-page.module.css";

/** What the run was told, and which of it still lies in its inbox. */
export function RunInbox({ run }: { run: Run }) {
  const over = isFinal(run.status);
  const list = useToldEvents(run.id, !over);
  const [raising, setRaising] = useState(false);
  const events = list.data?.pages.flatMap((page) => page.results) ?? [];
  return (
    <>
      {list.error && <ProblemNote error={list.error} retry={() => void list.refetch()} />}
      {list.isPending && <Loading what="events" />}
      {list.data && (
        <div className={styles.inboxHead}>
          <p>
            {events.length === 0 && "This run was told nothing. "}
            {!over && "An event lies here until a node that waits for its name takes it."}
          </p>
          {!over && (
            <Button small icon={BellRing} onClick={() => setRaising(true)}>
              Raise an event…
            </Button>
          )}
        </div>
      )}
      {events.length > 0 && <EventTable events={events} over={over} />}
      <ListFoot list={list} what="events" shown={events.length} />
      {raising && <EventDialog runId={run.id} onClose={() => setRaising(false)} />}
    </>
  );
}

function EventTable({ events, over }: { events: ToldEvent[]; over: boolean }) {
  return (
    <table className={styles.logs} aria-label="Events, the newest first">
      <thead>
        <tr>
          <th scope="col">Event</th>
          <th scope="col">Received</th>
          <th scope="col">Taken</th>
          <th scope="col">About</th>
          <th scope="col">Payload</th>
        </tr>
      </thead>
      <tbody>
        {events.map((event, index) => (
          <tr key={`${event.received_at} ${index}`}>
            <td>
              <code>{event.name}</code>
            </td>
            <td>
              <RelativeTime at={event.received_at} />
            </td>
            <td>{takenInWords(event, over)}</td>
            <td className={cell.faint}>{event.correlation ?? "–"}</td>
            <td className={styles.remark} title={JSON.stringify(event.payload, null, 2)}>
              <code>{JSON.stringify(event.payload)}</code>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function takenInWords({ received_at, delivered_at }: ToldEvent, over: boolean): string {
  if (delivered_at === null) return over ? "By nobody" : "Lies in the inbox";
  return `After ${formatDuration(toMs(delivered_at)! - toMs(received_at)!)}`;
}
