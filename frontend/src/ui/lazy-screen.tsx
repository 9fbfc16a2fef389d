import { type ComponentType, useEffect, useState } from "react";

import { Loading } from "./loading";

interface Loaded {
  Screen?: ComponentType;
  error?: unknown;
}

/**
 * A screen whose code is loaded when it is first opened. Not React.lazy: what Suspense shows meanwhile then stays for
 * 300 ms, however soon the code is there.
 */
export function lazyScreen(load: () => Promise<ComponentType>): ComponentType {
  let known: Loaded = {};
  return function LazyScreen() {
    const [{ Screen, error }, setLoaded] = useState(known);
    useEffect(() => {
      if (known.Screen) return;
      load().then(
        (Screen) => setLoaded((known = { Screen })),
        (error: unknown) => setLoaded({ error }),
      );
    }, []);
    if (error !== undefined) throw error;
    return Screen ? <Screen /> : <Loading what="page" />;
  };
}
