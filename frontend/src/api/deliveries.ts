import {
  infiniteQueryOptions,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";

import { answer, client } from "./client";
import { runKeys } from "./runs";
import type { operations } from "./schema";
import type { Delivery, Listener, ReplayResult } from "./types";

type DeliveriesQuery = NonNullable<operations["listDeliveries"]["parameters"]["query"]>;

/** As text, for it comes from the address. */
export type DeliveryFilter = { [Name in Exclude<keyof DeliveriesQuery, "cursor" | "limit">]?: string };

const keys = {
  all: ["deliveries"] as const,
  list: (filter: DeliveryFilter) => [...keys.all, "list", filter] as const,
  detail: (id: string) => [...keys.all, "detail", id] as const,
};

const REFRESH_MS = 5_000;

/** Looks for new ones now and then, unless somebody has read far back. */
export const useDeliveries = (filter: DeliveryFilter) =>
  useInfiniteQuery({
    ...infiniteQueryOptions({
      queryKey: keys.list(filter),
      queryFn: ({ pageParam, signal }) => {
        const query = { ...filter, cursor: pageParam, limit: 50 } as DeliveriesQuery;
        return answer(client.GET("/api/v1/deliveries", { params: { query }, signal }));
      },
      initialPageParam: undefined as string | undefined,
      getNextPageParam: (page) => page.next ?? undefined,
    }),
    placeholderData: (before) => before,
    refetchInterval: (query) => ((query.state.data?.pages.length ?? 0) > 3 ? false : REFRESH_MS),
  });

export const useDelivery = (id: string) =>
  useQuery({
    queryKey: keys.detail(id),
    queryFn: ({ signal }) =>
      answer(
        client.GET("/api/v1/deliveries/{delivery_id}", { params: { path: { delivery_id: id } }, signal }),
      ) as Promise<Delivery>,
  });

/** Each as a new run; the answer says of each whether it could be. */
export function useReplay() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: async (ids: string[]): Promise<ReplayResult[]> => {
      const { results } = await answer(client.POST("/api/v1/deliveries/replay", { body: { ids } }));
      return results;
    },
    onSuccess: () =>
      Promise.all([
        cache.invalidateQueries({ queryKey: keys.all }),
        cache.invalidateQueries({ queryKey: runKeys.lists() }),
      ]),
  });
}

const listening = (workflowId: string, listenerId: string) => ({
  params: { path: { workflow_id: workflowId, listener_id: listenerId } },
});

export const startListening = (workflowId: string) =>
  answer(
    client.POST("/api/v1/workflows/{workflow_id}/listen", { params: { path: { workflow_id: workflowId } } }),
  ) as Promise<Listener>;

export const readListener = (workflowId: string, listenerId: string) =>
  answer(
    client.GET("/api/v1/workflows/{workflow_id}/listen/{listener_id}", listening(workflowId, listenerId)),
  ) as Promise<Listener>;

export const stopListening = (workflowId: string, listenerId: string) =>
  answer(
    client.DELETE("/api/v1/workflows/{workflow_id}/listen/{listener_id}", listening(workflowId, listenerId)),
  );
