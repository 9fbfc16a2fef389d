import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { api } from "./client";
import type { ApiKey, NewApiKey, Page } from "./types";

export const apiKeyKeys = { all: ["api-keys"] as const };

export const useApiKeys = () =>
  useQuery({
    queryKey: apiKeyKeys.all,
    queryFn: async ({ signal }) => (await api.get<Page<ApiKey>>("/api-keys", { signal })).results,
  });

export interface ApiKeyInput {
  name: string;
  role?: string;
  expires_at?: string | null;
}

export function useCreateApiKey() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: ApiKeyInput) => api.post<NewApiKey>("/api-keys", body),
    onSuccess: () => client.invalidateQueries({ queryKey: apiKeyKeys.all }),
  });
}

export function useRevokeApiKey() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => api.delete(`/api-keys/${id}`),
    onSuccess: () => client.invalidateQueries({ queryKey: apiKeyKeys.all }),
  });
}
