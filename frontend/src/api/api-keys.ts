import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { answer, client } from "./client";
import type { ApiKeyInput } from "./types";

export const apiKeyKeys = { all: ["api-keys"] as const };

export const useApiKeys = () =>
  useQuery({
    queryKey: apiKeyKeys.all,
    queryFn: async ({ signal }) => (await answer(client.GET("/api/v1/api-keys", { signal }))).results,
  });

export function useCreateApiKey() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (body: ApiKeyInput) => answer(client.POST("/api/v1/api-keys", { body })),
    onSuccess: () => cache.invalidateQueries({ queryKey: apiKeyKeys.all }),
  });
}

export function useRevokeApiKey() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      answer(client.DELETE("/api/v1/api-keys/{key_id}", { params: { path: { key_id: id } } })),
    onSuccess: () => cache.invalidateQueries({ queryKey: apiKeyKeys.all }),
  });
}
