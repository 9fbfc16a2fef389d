import { queryOptions, useQuery } from "@tanstack/react-query";

import { api } from "./client";
import type { Component } from "./types";

/** The catalogue changes only with the server, which a reload follows. */
export const componentsQuery = queryOptions({
  queryKey: ["components"] as const,
  queryFn: async ({ signal }) => (await api.get<{ results: Component[] }>("/components", { signal })).results,
  staleTime: Infinity,
});

export const useComponents = () => useQuery(componentsQuery);
