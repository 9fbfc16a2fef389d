import { Tabs as Radix } from "radix-ui";
import type { ReactNode } from "react";

import styles from "./tabs.module.css";

interface Tab {
  id: string;
  label: string;
  content: ReactNode;
}

interface TabsProps {
  tabs: Tab[];
  label: string;
  /** Stands at the right end of the row of tabs. */
  aside?: ReactNode;
  /** Where the choice lives elsewhere, as in the address. */
  chosen?: string;
  onChoose?: (id: string) => void;
}

export function Tabs({ tabs, label, aside, chosen, onChoose }: TabsProps) {
  return (
    <Radix.Root className={styles.tabs} defaultValue={tabs[0]!.id} value={chosen} onValueChange={onChoose}>
      <div className={styles.row}>
        <Radix.List className={styles.list} aria-label={label}>
          {tabs.map((tab) => (
            <Radix.Trigger key={tab.id} value={tab.id} className={styles.tab}>
              {tab.label}
            </Radix.Trigger>
          ))}
        </Radix.List>
        {aside}
      </div>
      {tabs.map((tab) => (
        <Radix.Content key={tab.id} value={tab.id} className={styles.content}>
          {tab.content}
        </Radix.Content>
      ))}
    </Radix.Root>
  );
}
