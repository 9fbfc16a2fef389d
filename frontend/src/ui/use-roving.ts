import { type KeyboardEvent, useState } from "react";

const STEPS: Record<string, number> = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };

/**
 * One tab stop for a row of many things; the arrows, Home and End move inside.
 * The container takes `onKeyDown`; each item has `data-roving`, `tabIndex(index)` and tells `onFocus(index)`.
 */
export function useRoving(count: number, initial = 0) {
  const [at, setAt] = useState(initial);
  const current = Math.min(Math.max(at, 0), Math.max(count - 1, 0));

  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const step = STEPS[event.key];
    let next: number;
    if (step) next = current + step;
    else if (event.key === "Home") next = 0;
    else if (event.key === "End") next = count - 1;
    else return;
    event.preventDefault();
    next = Math.min(Math.max(next, 0), count - 1);
    setAt(next);
    event.currentTarget.querySelectorAll<HTMLElement>("[data-roving]")[next]?.focus();
  };

  return { onKeyDown, onFocus: setAt, tabIndex: (index: number) => (index === current ? 0 : -1) };
}
