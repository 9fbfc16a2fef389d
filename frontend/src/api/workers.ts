import { useQuery } from "@tanstack/react-query";

import { answer, client } from "./client";

const LOOK_EVERY_MS = 10_000;

/** Only the server's administrator gets an answer; nobody else asks again. */
export const useWorkers = () =>
  useQuery({
    queryKey: ["workers"],
    queryFn: ({ signal }) => answer(client.GET("/api/v1/workers", { signal })),
    retry: false,
    refetchInterval: ({ state }) => (state.data ? LOOK_EVERY_MS : false),
  });
