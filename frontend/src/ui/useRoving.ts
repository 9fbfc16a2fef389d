import { type KeyboardEvent, useCallback, useRef, useState } from "react";

const STEPS: Record<string, number> = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };

/**
 * One tab stop for a row of many things; the arrows, Home and End move inside.
 * Items carry `data-roving` and take `tabIndex(index)`.
 */
export function useRoving(count: number, initial = 0) {
  const ref = useRef<HTMLElement | null>(null);
  const [at, setAt] = useState(initial);
  const current = Math.min(Math.max(at, 0), Math.max(count - 1, 0));

  const onKeyDown = useCallback(
    (event: KeyboardEvent) => {
      const step = STEPS[event.key];
      let next: number;
      if (step) next = current + step;
      else if (event.key === "Home") next = 0;
      else if (event.key === "End") next = count - 1;
      else return;
      event.preventDefault();
      next = Math.min(Math.max(next, 0), count - 1);
      setAt(next);
      ref.current?.querySelectorAll<HTMLElement>("[data-roving]")[next]?.focus();
    },
    [count, current],
  );

  return {
    ref: useCallback((element: HTMLElement | null) => void (ref.current = element), []),
    onKeyDown,
    onFocus: setAt,
    tabIndex: (index: number) => (index === current ? 0 : -1),
  };
}
