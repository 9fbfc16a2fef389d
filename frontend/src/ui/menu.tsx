import type { LucideIcon } from "lucide-react";
import { DropdownMenu as Radix } from "radix-ui";
import type { ReactElement, ReactNode } from "react";

import { Keys } from "./keys";
import styles from "./menu.module.css";

interface MenuProps {
  trigger: ReactElement;
  children: ReactNode;
  align?: "start" | "end";
  side?: "top" | "right" | "bottom" | "left";
}

export function Menu({ trigger, children, align = "end", side }: MenuProps) {
  return (
    <Radix.Root modal={false}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content className={styles.menu} align={align} side={side} sideOffset={4} collisionPadding={8}>
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

interface MenuAtProps {
  /** On the screen. */
  at: { x: number; y: number };
  label: string;
  onClose: () => void;
  children: ReactNode;
}

/** A menu that opens where the pointer is. */
export function MenuAt({ at, label, onClose, children }: MenuAtProps) {
  return (
    <Radix.Root open onOpenChange={(open) => !open && onClose()} modal={false}>
      <Radix.Trigger asChild>
        <button
          type="button"
          tabIndex={-1}
          aria-label={label}
          className={styles.point}
          style={{ left: at.x, top: at.y }}
        />
      </Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          className={styles.menu}
          align="start"
          aria-label={label}
          collisionPadding={8}
          // Where the focus goes is for whatever was chosen to say.
          onCloseAutoFocus={(event) => event.preventDefault()}
        >
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

interface MenuItemProps {
  icon?: LucideIcon;
  keys?: string[];
  danger?: boolean;
  disabled?: boolean;
  onSelect: () => void;
  children: ReactNode;
}

export function MenuItem({ icon: Icon, keys, danger, disabled, onSelect, children }: MenuItemProps) {
  return (
    <Radix.Item
      className={`${styles.item} ${danger ? styles.danger : ""}`}
      disabled={disabled}
      onSelect={onSelect}
    >
      {Icon && <Icon size={15} aria-hidden="true" />}
      <span className={styles.text}>{children}</span>
      {keys && <Keys keys={keys} />}
    </Radix.Item>
  );
}

/** One of several: the chosen one is marked. */
export function MenuChoice({
  value,
  onChange,
  options,
  label,
}: {
  value: string;
  onChange: (value: string) => void;
  options: { value: string; label: string }[];
  label: string;
}) {
  return (
    <Radix.RadioGroup value={value} onValueChange={onChange}>
      <Radix.Label className={styles.label}>{label}</Radix.Label>
      {options.map((option) => (
        <Radix.RadioItem key={option.value} value={option.value} className={styles.item}>
          <span className={styles.mark}>
            <Radix.ItemIndicator>●</Radix.ItemIndicator>
          </span>
          <span className={styles.text}>{option.label}</span>
        </Radix.RadioItem>
      ))}
    </Radix.RadioGroup>
  );
}

export function MenuLabel({ children }: { children: ReactNode }) {
  return <Radix.Label className={styles.label}>{children}</Radix.Label>;
}

export function MenuLine() {
  return <Radix.Separator className={styles.line} />;
}
