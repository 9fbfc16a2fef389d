import { CircleAlert, CornerDownRight } from "lucide-react";
import { type UIEvent, use, useEffect, useMemo, useState } from "react";
import { useStore } from "zustand";
import { createStore } from "zustand/vanilla";

import type { PreviewResult } from "@/api";

import { glance } from "./completing";
import styles from "./preview.module.css";
import { type Fault, faultIn, HelpContext, type Previewed } from "./previews";

const NONE = createStore<Record<string, Previewed>>(() => ({}));

interface PreviewProps {
  id: string;
  value: unknown;
  /** An expression that is written without braces. */
  bare?: boolean;
}

/** Under a field with an expression: what it comes to on the last values, or the error that a run would meet. */
export function Preview({ id, value, bare }: PreviewProps) {
  const { previews } = use(HelpContext);
  const asked = askedOf(value, bare);
  const computed = hasExpression(asked) && asked !== "{{  }}";
  useEffect(() => {
    if (computed) previews?.want(id, asked);
    else previews?.forget(id);
  }, [previews, id, asked, computed]);
  useEffect(() => () => previews?.forget(id), [previews, id]);
  const shown = useStore(previews?.store ?? NONE, (results) => results[id]);
  if (!computed || !shown) return null;
  return (
    <div className={styles.preview} data-old={shown.value !== asked || undefined} data-preview={id}>
      <Outcome result={shown.result} shift={shiftOf(value, asked)} />
    </div>
  );
}

/** A bare expression is asked about as one in braces. */
function askedOf(value: unknown, bare: boolean | undefined): unknown {
  return bare && typeof value === "string" && !value.includes("{{") ? `${BRACE}${value} }}` : value;
}

const BRACE = "{{ ";

/** How many characters stand before the text where it is asked about. */
const shiftOf = (value: unknown, asked: unknown) => (asked === value ? 0 : BRACE.length);

/** The part of the text that the error under the field is about; null while there is none. */
export function useFault(id: string, value: unknown, bare?: boolean): Fault | null {
  const { previews } = use(HelpContext);
  const shown = useStore(previews?.store ?? NONE, (results) => results[id]);
  const asked = askedOf(value, bare);
  return useMemo(() => {
    if (typeof value !== "string" || !shown || shown.value !== asked) return null;
    return faultIn(value, shown.result, shiftOf(value, asked));
  }, [value, asked, shown]);
}

/** The same text behind the field, unseen but for a line under what is wrong. */
export function Underline({ text, fault, scrolled }: { text: string; fault: Fault; scrolled: Scrolled }) {
  return (
    <div className={styles.mirror} aria-hidden>
      <span style={{ transform: `translate(${-scrolled.left}px, ${-scrolled.top}px)` }}>
        {text.slice(0, fault.from)}
        <u>{text.slice(fault.from, fault.to)}</u>
        {text.slice(fault.to)}
      </span>
    </div>
  );
}

interface Scrolled {
  left: number;
  top: number;
}

/** How far a field's text is scrolled: spread `onScroll` on the field. */
export function useScrolled() {
  const [scrolled, setScrolled] = useState<Scrolled>({ left: 0, top: 0 });
  const onScroll = ({ currentTarget }: UIEvent<HTMLElement>) =>
    setScrolled({ left: currentTarget.scrollLeft, top: currentTarget.scrollTop });
  return { scrolled, onScroll };
}

function Outcome({ result, shift }: { result: PreviewResult; shift: number }) {
  if (result.error) {
    const offset = (result.error.position as { offset?: number } | null)?.offset;
    return (
      <p className={styles.error}>
        <CircleAlert size={13} aria-hidden />
        <span>
          {result.error.message}
          {offset !== undefined && (
            <span className={styles.where}> (character {Math.max(offset - shift, 0) + 1})</span>
          )}
        </span>
      </p>
    );
  }
  const { value } = result;
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return (
    <p className={styles.value}>
      <CornerDownRight size={13} aria-hidden />
      <span className="visually-hidden">Comes to </span>
      <code className={styles.text} title={text.slice(0, 2_000)}>
        {text === "" ? "empty text" : text.slice(0, 400)}
      </code>
      {value !== null && typeof value === "object" && <span className={styles.where}>{glance(value)}</span>}
    </p>
  );
}

export function hasExpression(value: unknown): boolean {
  if (typeof value === "string") return value.includes("{{");
  return typeof value === "object" && value !== null && JSON.stringify(value).includes("{{");
}
