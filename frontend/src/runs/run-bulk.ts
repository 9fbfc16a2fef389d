import {
  type BulkAction,
  type BulkAnswer,
  type BulkOutcome,
  type BulkRuns,
  isFinal,
  type RunFilter,
  type RunHead,
  steerRuns,
} from "@/api";

/** So many at a time: the bar moves, and stopping is possible between two steps. */
const CHUNK = 25;

export interface Progress {
  done: number;
  /** Null while it is not known how many there are. */
  total: number | null;
  refused: BulkOutcome[];
}

type Steer = (action: BulkAction, body: BulkRuns) => Promise<BulkAnswer>;

/**
 * Does one thing to many runs, step by step: to those that were ticked, or to all that fit a filter. Runs that refuse are told
 * in the end; they stop nothing.
 */
export async function steerMany(
  action: BulkAction,
  which: { ids: readonly string[] } | { filter: RunFilter },
  onProgress: (progress: Progress) => void,
  signal: AbortSignal,
  steer: Steer = steerRuns,
): Promise<Progress> {
  let progress: Progress = { done: 0, total: "ids" in which ? which.ids.length : null, refused: [] };
  const step = async (body: BulkRuns) => {
    const { results, more } = await steer(action, body);
    const refused = results.filter((outcome) => outcome.problem !== null);
    progress = {
      ...progress,
      done: progress.done + results.length,
      refused: [...progress.refused, ...refused],
    };
    onProgress(progress);
    // What was refused fits the filter still: alone it would come again for ever.
    return more && refused.length < results.length;
  };
  if ("ids" in which) {
    for (let at = 0; at < which.ids.length && !signal.aborted; at += CHUNK)
      await step({ ids: which.ids.slice(at, at + CHUNK) });
  } else {
    const filter = asBulkFilter(which.filter);
    while (!signal.aborted && (await step({ filter, limit: CHUNK })));
  }
  return progress;
}

/** The list's filters as the bulk routes take them: metadata in an object of its own. */
export function asBulkFilter(filter: RunFilter): NonNullable<BulkRuns["filter"]> {
  const metadata: Record<string, string> = {};
  const named: Record<string, string> = {};
  for (const [name, value] of Object.entries(filter)) {
    if (name.startsWith("metadata.")) metadata[name.slice("metadata.".length)] = value as string;
    else named[name] = value as string;
  }
  return { ...named, metadata } as NonNullable<BulkRuns["filter"]>;
}

/** What can be done with at least one of these runs. */
export function actionsFor(runs: readonly RunHead[]): BulkAction[] {
  const ended = runs.some((run) => isFinal(run.status));
  const held = runs.some((run) => run.status === "suspended");
  const going = runs.some((run) => !isFinal(run.status) && run.status !== "suspended");
  return [
    ...(ended ? (["retry"] as const) : []),
    ...(going ? (["suspend"] as const) : []),
    ...(held ? (["resume"] as const) : []),
    ...(going || held ? (["terminate"] as const) : []),
    ...(ended ? (["purge"] as const) : []),
  ];
}
