import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { answer, client } from "./client";
import type { HousekeepingChange } from "./types";

const KEY = ["housekeeping"] as const;

export const useHousekeeping = () =>
  useQuery({
    queryKey: KEY,
    queryFn: async ({ signal }) => (await answer(client.GET("/api/v1/housekeeping", { signal }))).results,
    retry: false,
  });

export function useChangeHousekeeping() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: ({ id, ...body }: HousekeepingChange & { id: number }) =>
      answer(
        client.PUT("/api/v1/housekeeping/{task_id}", { params: { path: { task_id: String(id) } }, body }),
      ),
    onSuccess: () => cache.invalidateQueries({ queryKey: KEY }),
  });
}
