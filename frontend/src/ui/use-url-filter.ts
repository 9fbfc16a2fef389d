import { useCallback, useMemo } from "react";
import { useSearchParams } from "react-router";

/** A list's filter lives in the address, so that it can be kept, shared and gone back to. */
export function useUrlFilter<Name extends string>(names: readonly Name[]) {
  const [search, setSearch] = useSearchParams();

  const filter = useMemo(() => {
    const found: Partial<Record<Name, string>> = {};
    for (const name of names) {
      const value = search.get(name);
      if (value) found[name] = value;
    }
    return found;
  }, [names, search]);

  const setFilter = useCallback(
    (changes: Record<string, string | undefined>) =>
      setSearch(
        (before) => {
          const next = new URLSearchParams(before);
          for (const [name, value] of Object.entries(changes)) {
            if (value) next.set(name, value);
            else next.delete(name);
          }
          return next;
        },
        { replace: true },
      ),
    [setSearch],
  );

  return { filter, setFilter, search };
}
