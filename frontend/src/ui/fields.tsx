import { Search } from "lucide-react";
import { Switch as RadixSwitch } from "radix-ui";
import { type ComponentProps, createContext, type ReactNode, use, useId } from "react";

import styles from "./fields.module.css";

interface FieldLink {
  id: string;
  "aria-describedby"?: string;
  "aria-invalid"?: true;
}

const FieldContext = createContext<FieldLink | null>(null);

interface FieldProps {
  label: string;
  hint?: ReactNode;
  error?: string;
  /** Shown at the label's right end. */
  aside?: ReactNode;
  children: ReactNode;
}

/** Label, control, hint and error as one; the control inside finds its id and its description by itself. */
export function Field({ label, hint, error, aside, children }: FieldProps) {
  const id = useId();
  const noteId = `${id}-note`;
  return (
    <div className={styles.field}>
      <div className={styles.labelRow}>
        <label className={styles.label} htmlFor={id}>
          {label}
        </label>
        {aside}
      </div>
      <FieldContext
        value={{
          id,
          "aria-describedby": hint || error ? noteId : undefined,
          "aria-invalid": error ? true : undefined,
        }}
      >
        {children}
      </FieldContext>
      {(error || hint) && (
        <p id={noteId} className={error ? styles.error : styles.hint}>
          {error ?? hint}
        </p>
      )}
    </div>
  );
}

/** For controls of other areas (code editors, pickers) that sit in a Field. */
export function useFieldLink(): Partial<FieldLink> {
  return use(FieldContext) ?? {};
}

export function Input({ className, ...rest }: ComponentProps<"input">) {
  return <input {...useFieldLink()} {...rest} className={`${styles.input} ${className ?? ""}`} />;
}

export function TextArea({ className, ...rest }: ComponentProps<"textarea">) {
  return (
    <textarea {...useFieldLink()} {...rest} className={`${styles.input} ${styles.area} ${className ?? ""}`} />
  );
}

export function Select({ className, ...rest }: ComponentProps<"select">) {
  return (
    <select {...useFieldLink()} {...rest} className={`${styles.input} ${styles.select} ${className ?? ""}`} />
  );
}

export function SearchInput({ className, ...rest }: ComponentProps<"input">) {
  return (
    <span className={`${styles.search} ${className ?? ""}`}>
      <Search size={15} aria-hidden="true" />
      <input type="search" {...rest} className={styles.input} />
    </span>
  );
}

interface SwitchProps {
  checked: boolean;
  onCheckedChange: (checked: boolean) => void;
  label?: string;
  disabled?: boolean;
}

export function Switch({ checked, onCheckedChange, label, disabled }: SwitchProps) {
  return (
    <RadixSwitch.Root
      {...useFieldLink()}
      className={styles.switch}
      checked={checked}
      onCheckedChange={onCheckedChange}
      disabled={disabled}
      aria-label={label}
    >
      <RadixSwitch.Thumb className={styles.thumb} />
    </RadixSwitch.Root>
  );
}
