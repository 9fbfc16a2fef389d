import { useSyncExternalStore } from "react";

import styles from "./notes.module.css";

interface Notice {
  id: number;
  text: string;
  /** Seen as well as heard. What needs an answer belongs in the page and not here. */
  visible: boolean;
}

let notices: readonly Notice[] = [];
let nextId = 1;
const listeners = new Set<() => void>();

function update(next: readonly Notice[]) {
  notices = next;
  listeners.forEach((listener) => listener());
}

function add(text: string, visible: boolean) {
  const notice = { id: nextId++, text, visible };
  update([...notices.slice(-4), notice]);
  setTimeout(() => update(notices.filter((other) => other !== notice)), 3_500);
}

/** Tells screen readers of a change that the eye sees elsewhere. */
export const announce = (text: string) => add(text, false);

/** A short "done": copied, saved, published. */
export const toast = (text: string) => add(text, true);

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function Announcements() {
  const current = useSyncExternalStore(subscribe, () => notices);
  return (
    <div className={styles.toasts} aria-live="polite">
      {current.map((notice) => (
        <div key={notice.id} className={notice.visible ? styles.toast : "visually-hidden"}>
          {notice.text}
        </div>
      ))}
    </div>
  );
}
