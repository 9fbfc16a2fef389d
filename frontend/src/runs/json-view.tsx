import { ListTree, Table2 } from "lucide-react";
import { useState } from "react";

import type { Json } from "@/api";
import { CopyButton, IconButton } from "@/ui";

import { isTabular, JsonTable } from "./json-table";
import { JsonTree } from "./json-tree";
import styles from "./json.module.css";

interface JsonViewProps {
  title: string;
  value: Json;
  dragRoot?: string;
}

/** A value under its heading: as a tree, as a table where it is a list of objects, and to copy. */
export function JsonView({ title, value, dragRoot }: JsonViewProps) {
  const [asTable, setAsTable] = useState(false);
  const tabular = isTabular(value);
  return (
    <section className={styles.view}>
      <header className={styles.viewHead}>
        <h3>{title}</h3>
        {tabular && (
          <IconButton
            small
            icon={asTable ? ListTree : Table2}
            label={asTable ? `${title} as a tree` : `${title} as a table`}
            onClick={() => setAsTable(!asTable)}
          />
        )}
        <CopyButton text={() => JSON.stringify(value, null, 2)} what={title.toLowerCase()} />
      </header>
      {tabular && asTable ? (
        <JsonTable rows={value} label={title} />
      ) : (
        <JsonTree value={value} dragRoot={dragRoot} label={title} />
      )}
    </section>
  );
}
