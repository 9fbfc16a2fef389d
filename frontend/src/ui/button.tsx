import type { LucideIcon } from "lucide-react";
import type { ComponentProps, ReactNode, Ref } from "react";
import { Link, type LinkProps } from "react-router";

import styles from "./button.module.css";
import { Tooltip } from "./tooltip";

type Look = "primary" | "plain" | "quiet" | "danger";

interface Shape {
  look?: Look;
  small?: boolean;
  icon?: LucideIcon;
}

function classOf(look: Look, small: boolean | undefined, extra?: string) {
  return [styles.button, styles[look], small && styles.small, extra].filter(Boolean).join(" ");
}

interface ButtonProps extends ComponentProps<"button">, Shape {
  /** Shows that the work it started is still going on, and holds further clicks. */
  busy?: boolean;
}

export function Button({
  look = "plain",
  small,
  icon: Icon,
  busy,
  children,
  className,
  onClick,
  ...rest
}: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      className={classOf(look, small, className)}
      aria-busy={busy || undefined}
      // Kept focusable while busy: a disabled button would throw the keyboard back to the top of the page.
      aria-disabled={busy || undefined}
      onClick={busy ? (event) => event.preventDefault() : onClick}
    >
      {Icon && <Icon size={small ? 14 : 16} aria-hidden="true" />}
      {children}
    </button>
  );
}

export function LinkButton({
  look = "plain",
  small,
  icon: Icon,
  children,
  className,
  ...rest
}: LinkProps & Shape & { children: ReactNode }) {
  return (
    <Link {...rest} className={classOf(look, small, className as string | undefined)}>
      {Icon && <Icon size={small ? 14 : 16} aria-hidden="true" />}
      {children}
    </Link>
  );
}

interface IconButtonProps extends Omit<ComponentProps<"button">, "children"> {
  icon: LucideIcon;
  label: string;
  /** The shortcut, shown in the tooltip. */
  keys?: string[];
  small?: boolean;
  pressed?: boolean;
  ref?: Ref<HTMLButtonElement>;
}

export function IconButton({ icon: Icon, label, keys, small, pressed, className, ...rest }: IconButtonProps) {
  return (
    <Tooltip label={label} keys={keys}>
      <button
        type="button"
        {...rest}
        className={classOf("quiet", small, `${styles.square} ${className ?? ""}`)}
        aria-label={label}
        aria-pressed={pressed}
      >
        <Icon size={small ? 15 : 17} aria-hidden="true" />
      </button>
    </Tooltip>
  );
}
