import { asProblem, type ProblemField, validateWorkflow } from "@/api";
import type { CanvasStore } from "@/canvas";
import { type Catalogue, toWire, unreachable } from "@/canvas/graph";

import type { Document } from "../document";
import { documentOf, type EditorStore } from "../store";

const QUIET_MS = 500;

export type Check = (document: Document, signal: AbortSignal) => Promise<readonly ProblemField[]>;

export const checkOnServer: Check = async (document, signal) => {
  const { name, description, edges } = document;
  const answer = await validateWorkflow(
    { name, description, nodes: [...toWire(document).nodes], edges: [...edges] },
    signal,
  );
  return answer.errors;
};

/** No fault that would keep anybody from publishing, but hardly what was meant. */
function lonely(document: Document, catalogue: Catalogue): ProblemField[] {
  return unreachable(document, catalogue).map(({ id }) => ({
    path: id,
    code: "unreachable",
    message: "No trigger leads here, so it never runs.",
    node_id: id,
    edge_id: null,
    field: null,
  }));
}

/** Asks the server about the draft whenever it has been left alone for a moment, and marks the nodes concerned. */
export function startValidating(
  store: EditorStore,
  canvas: CanvasStore,
  check: Check = checkOnServer,
): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let request = new AbortController();
  const run = async () => {
    request.abort();
    request = new AbortController();
    const { signal } = request;
    const document = documentOf(store.getState());
    try {
      const problems = await check(document, signal);
      if (!signal.aborted) show([...problems, ...lonely(document, canvas.getState().catalogue)]);
    } catch (error) {
      // Without a server the last list stands; a graph the server will not even look at says so itself.
      const problem = asProblem(error);
      if (!signal.aborted && problem.errors.length > 0) show(problem.errors);
    }
  };
  const show = (problems: readonly ProblemField[]) => {
    store.setState({ problems });
    const counts: Record<string, number> = {};
    for (const { node_id } of problems) if (node_id) counts[node_id] = (counts[node_id] ?? 0) + 1;
    canvas.setState({ problems: counts });
  };
  const stop = store.subscribe((state, before) => {
    if (documentOf(state) === documentOf(before)) return;
    clearTimeout(timer);
    timer = setTimeout(() => void run(), QUIET_MS);
  });
  void run();
  return () => {
    stop();
    clearTimeout(timer);
    request.abort();
  };
}
