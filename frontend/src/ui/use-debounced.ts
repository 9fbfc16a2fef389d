import { useEffect, useEffectEvent, useRef } from "react";

/** Calls `settle` when the value has rested for a moment; not for the value it began with. */
export function useDebounced(value: string, settle: (value: string) => void, delay = 250) {
  const settled = useRef(value);
  const onSettle = useEffectEvent(settle);
  useEffect(() => {
    if (settled.current === value) return;
    const timer = setTimeout(() => {
      settled.current = value;
      onSettle(value);
    }, delay);
    return () => clearTimeout(timer);
  }, [value, delay]);
}
