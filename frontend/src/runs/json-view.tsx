import type { ReactNode } from "react";

import type { Json } from "@/api";
import { CopyButton } from "@/ui";

import { JsonTree } from "./json-tree";
import styles from "./json.module.css";

interface JsonViewProps {
  title: string;
  value: Json;
  dragRoot?: string;
  /** Stands beside the copy button. */
  aside?: ReactNode;
}

/** A value under its heading, to read and to copy. */
export function JsonView({ title, value, dragRoot, aside }: JsonViewProps) {
  return (
    <section className={styles.view}>
      <header className={styles.viewHead}>
        <h3>{title}</h3>
        {aside}
        <CopyButton text={() => JSON.stringify(value, null, 2)} what={title.toLowerCase()} />
      </header>
      <JsonTree value={value} dragRoot={dragRoot} label={title} />
    </section>
  );
}
