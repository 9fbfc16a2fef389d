import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { answer, client } from "./client";
import type { CredentialCreate, CredentialUpdate } from "./types";

export const credentialKeys = { all: ["credentials"] as const };

export const credentialsQuery = queryOptions({
  queryKey: credentialKeys.all,
  queryFn: async ({ signal }) =>
    (await answer(client.GET("/api/v1/credentials", { params: { query: { limit: 200 } }, signal }))).results,
});

export const useCredentials = () => useQuery(credentialsQuery);

/** Without an id it is a new one, which needs its secret. */
export type CredentialChange = { id: null; body: CredentialCreate } | { id: string; body: CredentialUpdate };

const byId = (id: string) => ({ path: { credential_id: id } });

export function useSaveCredential() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: ({ id, body }: CredentialChange) =>
      id === null
        ? answer(client.POST("/api/v1/credentials", { body }))
        : answer(client.PUT("/api/v1/credentials/{credential_id}", { params: byId(id), body })),
    onSuccess: () => cache.invalidateQueries({ queryKey: credentialKeys.all }),
  });
}

export function useDeleteCredential() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      answer(client.DELETE("/api/v1/credentials/{credential_id}", { params: byId(id) })),
    onSuccess: () => cache.invalidateQueries({ queryKey: credentialKeys.all }),
  });
}
