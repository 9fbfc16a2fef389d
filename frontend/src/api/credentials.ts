import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { api } from "./client";
import type { Credential, CredentialWrite, Page } from "./types";

export const credentialKeys = { all: ["credentials"] as const };

export const credentialsQuery = queryOptions({
  queryKey: credentialKeys.all,
  queryFn: async ({ signal }) =>
    (await api.get<Page<Credential>>("/credentials", { query: { limit: 200 }, signal })).results,
});

export const useCredentials = () => useQuery(credentialsQuery);

export function useSaveCredential() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, ...body }: CredentialWrite & { id?: string }) =>
      id ? api.put<Credential>(`/credentials/${id}`, body) : api.post<Credential>("/credentials", body),
    onSuccess: () => client.invalidateQueries({ queryKey: credentialKeys.all }),
  });
}

export function useDeleteCredential() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => api.delete(`/credentials/${id}`),
    onSuccess: () => client.invalidateQueries({ queryKey: credentialKeys.all }),
  });
}
