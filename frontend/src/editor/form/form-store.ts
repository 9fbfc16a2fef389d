import { createStore, type StoreApi } from "zustand";

export type Values = Readonly<Record<string, unknown>>;

/**
 * What is being typed, apart from the graph: a keystroke touches this store and one field, and the document hears of it
 * when the hand rests.
 */
export interface Form {
  store: StoreApi<{ values: Values }>;
  set: (name: string, value: unknown) => void;
  /** Hands over what is still held back. */
  flush: () => void;
  /** The document changed by another way (undo, a second view): takes over what this form did not say itself. */
  sync: (values: Values) => void;
}

const QUIET_MS = 250;

export function createForm(values: Values, commit: (name: string, value: unknown) => void): Form {
  const store = createStore<{ values: Values }>(() => ({ values }));
  const unsaid = new Set<string>();
  let known = values;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const flush = () => {
    clearTimeout(timer);
    const names = [...unsaid];
    unsaid.clear();
    const { values: now } = store.getState();
    for (const name of names) {
      known = { ...known, [name]: now[name] };
      commit(name, now[name]);
    }
  };

  return {
    store,
    set: (name, value) => {
      store.setState(({ values: now }) => ({ values: { ...now, [name]: value } }));
      unsaid.add(name);
      clearTimeout(timer);
      timer = setTimeout(flush, QUIET_MS);
    },
    flush,
    sync: (incoming) => {
      const names = new Set([...Object.keys(incoming), ...Object.keys(known)]);
      const changed = [...names].filter((name) => incoming[name] !== known[name] && !unsaid.has(name));
      known = incoming;
      if (changed.length === 0) return;
      store.setState(({ values: now }) => {
        const next = { ...now };
        for (const name of changed) next[name] = incoming[name];
        return { values: next };
      });
    },
  };
}
