import { useMemo } from "react";

import type { RunFilter } from "@/api";
import { useUrlFilter } from "@/ui";

const NAMES = ["workflow", "status", "trigger", "since", "until", "correlation_id"] as const;

/** The named filters and any number of `metadata.KEY=VALUE`, all from the address. */
export function useRunFilter() {
  const { filter: named, setFilter, search } = useUrlFilter(NAMES);
  const filter = useMemo(() => {
    const all: RunFilter = { ...named };
    for (const [name, value] of search) {
      if (name.startsWith("metadata.")) all[name as `metadata.${string}`] = value;
    }
    return all;
  }, [named, search]);
  const clear = () => setFilter(Object.fromEntries(Object.keys(filter).map((name) => [name, undefined])));
  return { filter, setFilter, clear };
}
