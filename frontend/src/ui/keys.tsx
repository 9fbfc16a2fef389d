import styles from "./keys.module.css";

const MAC = typeof navigator !== "undefined" && /Mac|iPhone|iPad/.test(navigator.userAgent);
const MAC_SIGNS: Record<string, string> = { Ctrl: "⌘", Alt: "⌥", Shift: "⇧", Enter: "↵" };

/** Keys are written as on a PC ("Ctrl") and shown as the reader's keyboard has them. */
export function Keys({ keys }: { keys: string[] }) {
  return (
    <span className={styles.keys}>
      {keys.map((key) => (
        <kbd key={key} className={styles.key}>
          {(MAC && MAC_SIGNS[key]) || key}
        </kbd>
      ))}
    </span>
  );
}
