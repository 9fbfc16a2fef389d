import { MutationCache, notifyManager, QueryCache, QueryClient } from "@tanstack/react-query";

import { ApiProblem } from "./problem";
import { sessionKeys } from "./session";
import type { Session } from "./types";

// Told in the same task: a timer would come after the next frame, and what a run has just done with it.
notifyManager.setScheduler(queueMicrotask);

/** A 401 anywhere means the session is over; the guard then shows the sign-in page. */
export function createQueryClient(): QueryClient {
  const signedOut = (error: unknown) => {
    if (!(error instanceof ApiProblem) || error.status !== 401) return;
    if (error.code === "invalid_credentials") return;
    client.setQueryData<Session>(sessionKeys.all, (session) => session && { ...session, user: null });
  };
  const client = new QueryClient({
    queryCache: new QueryCache({ onError: signedOut }),
    mutationCache: new MutationCache({ onError: signedOut }),
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        retry: (count, error) =>
          count < 2 && error instanceof ApiProblem && (error.status === 0 || error.status >= 500),
      },
    },
  });
  return client;
}
