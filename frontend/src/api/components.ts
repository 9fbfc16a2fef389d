import { queryOptions, useQuery } from "@tanstack/react-query";

import { answer, client } from "./client";
import type { Component } from "./types";

/** The catalogue changes only with the server, which a reload follows. */
export const componentsQuery = queryOptions({
  queryKey: ["components"] as const,
  queryFn: async ({ signal }) =>
    (await answer(client.GET("/api/v1/components", { signal }))).results as Component[],
  staleTime: Infinity,
});

export const useComponents = () => useQuery(componentsQuery);
