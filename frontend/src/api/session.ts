import { type QueryClient, queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { answer, chooseProject, chosenProject, client, rememberCsrfToken } from "./client";
import type { Project, Session } from "./types";

export const sessionKeys = { all: ["session"] as const };

/** Reading a session also tells the client which token to send, and forgets a project that is no longer ours. */
function remember(session: Session): Session {
  rememberCsrfToken(session.csrf_token);
  const chosen = chosenProject();
  if (session.user && chosen && !session.projects.some((project) => project.id === chosen)) {
    chooseProject(null);
  }
  return session;
}

/** What one user or project was shown must not be there for the next. */
function forgetAllButSession(cache: QueryClient) {
  cache.removeQueries({ predicate: (query) => query.queryKey[0] !== sessionKeys.all[0] });
}

export const sessionQuery = queryOptions({
  queryKey: sessionKeys.all,
  queryFn: async ({ signal }) => remember(await answer(client.GET("/api/v1/session", { signal }))),
  staleTime: Infinity,
});

export function useSession() {
  return useQuery(sessionQuery);
}

export function useProject(): Project | undefined {
  const { data } = useSession();
  const chosen = chosenProject();
  return data?.projects.find((project) => project.id === chosen) ?? data?.projects[0];
}

export function useSignIn() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: async (body: { email: string; password: string }) =>
      remember(await answer(client.POST("/api/v1/session", { body }))),
    onSuccess: (session) => {
      forgetAllButSession(cache);
      cache.setQueryData(sessionKeys.all, session);
    },
  });
}

export function useSignOut() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: () => answer(client.DELETE("/api/v1/session")),
    onSuccess: async () => {
      chooseProject(null);
      forgetAllButSession(cache);
      await cache.resetQueries({ queryKey: sessionKeys.all });
    },
  });
}

export function useChangePassword() {
  return useMutation({
    mutationFn: (body: { current_password?: string; new_password: string }) =>
      answer(client.PUT("/api/v1/session/password", { body })),
  });
}

/** Everything read so far belongs to the other project. */
export function useChooseProject() {
  const cache = useQueryClient();
  return (id: string) => {
    chooseProject(id);
    forgetAllButSession(cache);
    return cache.invalidateQueries({ queryKey: sessionKeys.all });
  };
}
