import type { Json, JsonObject, RunHead } from "@/api";

/** Ids share their long beginning; the end is what tells two apart. */
export function shortId(run: Pick<RunHead, "id" | "run_id">): string {
  return run.run_id ?? `…${run.id.slice(-8)}`;
}

/** A run starts with an object; what another dialect started with something else begins empty here. */
export function asContext(payload: Json): JsonObject {
  return payload !== null && typeof payload === "object" && !Array.isArray(payload) ? payload : {};
}

/** A shell command that starts the same run again; the key is left to the reader's environment. */
export function asCurl(origin: string, workflowId: string, payload: Json): string {
  const body = JSON.stringify({ context: asContext(payload) }).replaceAll("'", "'\\''");
  return [
    `curl -X POST '${origin}/api/v1/workflows/${workflowId}/execute'`,
    `-H "Authorization: Bearer $PENSTOCK_API_KEY"`,
    `-H 'Content-Type: application/json'`,
    `-d '${body}'`,
  ].join(" \\\n  ");
}
