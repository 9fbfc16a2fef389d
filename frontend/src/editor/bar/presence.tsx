import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import { signalPresence, type Visitor, workflowKeys } from "@/api";
import { nodeIndex } from "@/canvas/graph";
import { Tooltip } from "@/ui";

import { useDocument, useEditor } from "../editor";
import { onlyNode } from "../store";
import styles from "./bar.module.css";

const EVERY_MS = 5_000;
const EVERY_MS_UNSEEN = 20_000;

/** Who else has this workflow open. Told the other way round too, and where somebody saved, their draft is read. */
export function Presence() {
  const others = useOthers();
  if (others.length === 0) return null;
  return (
    <ul className={styles.others} aria-label="Also here">
      {others.map((visitor) => (
        <Other key={visitor.client} visitor={visitor} />
      ))}
    </ul>
  );
}

function Other({ visitor }: { visitor: Visitor }) {
  const { catalogue } = useEditor();
  const node = useDocument(({ nodes }) =>
    visitor.node_id ? nodeIndex(nodes).get(visitor.node_id) : undefined,
  );
  const who = visitor.is_you ? "You, in another tab" : visitor.user.email;
  const words = node ? `${who}: at “${catalogue.label(node)}”` : who;
  return (
    <li>
      <Tooltip label={words}>
        <span
          className={styles.other}
          role="img"
          aria-label={words}
          tabIndex={0}
          data-you={visitor.is_you || undefined}
        >
          {visitor.user.email.slice(0, 1).toUpperCase()}
        </span>
      </Tooltip>
    </li>
  );
}

function useOthers(): readonly Visitor[] {
  const { workflowId, store, saver } = useEditor();
  const queries = useQueryClient();
  const [others, setOthers] = useState<readonly Visitor[]>([]);
  useEffect(() => {
    const client = crypto.randomUUID();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let gone = false;
    const signal = async () => {
      clearTimeout(timer);
      try {
        const here = await signalPresence(workflowId, {
          client,
          node_id: onlyNode(store.getState()),
          leaving: false,
        });
        if (gone) return;
        setOthers((before) =>
          JSON.stringify(before) === JSON.stringify(here.others) ? before : here.others,
        );
        if (here.draft_revision > saver.draftRevision)
          void queries.invalidateQueries({ queryKey: workflowKeys.detail(workflowId) });
      } catch {
        // The save mark tells of a server that does not answer; who else is here is then unknown.
        if (!gone) setOthers([]);
      }
      if (!gone) timer = setTimeout(() => void signal(), document.hidden ? EVERY_MS_UNSEEN : EVERY_MS);
    };
    const leave = () => void signalPresence(workflowId, { client, leaving: true }).catch(() => undefined);
    const seen = () => void (!document.hidden && signal());
    void signal();
    document.addEventListener("visibilitychange", seen);
    window.addEventListener("pagehide", leave);
    return () => {
      gone = true;
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", seen);
      window.removeEventListener("pagehide", leave);
      leave();
    };
  }, [workflowId, store, saver, queries]);
  return others;
}
