import { Plus, X } from "lucide-react";

import { Button } from "@/ui";

import styles from "../form.module.css";

export function RemoveButton({ label, onClick }: { label: string; onClick: () => void }) {
  return (
    <button type="button" className={styles.small} aria-label={label} onClick={onClick}>
      <X size={14} aria-hidden />
    </button>
  );
}

export function AddButton({ children, onClick }: { children: string; onClick: () => void }) {
  return (
    <Button small look="quiet" icon={Plus} onClick={onClick} className={styles.add}>
      {children}
    </Button>
  );
}
