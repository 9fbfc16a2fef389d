import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";

import { previewSettings, type PreviewQuestion, type Samples, workflowQuery } from "@/api";

import type { Editor } from "../editor";
import { type Help, Previews } from "../form";
import { parsed } from "../running/runner";
import { knownTo } from "../samples";
import { documentOf } from "../store";

/** For the form of one node: what its expressions can read, and what they come to while they are typed. */
export function useHelp(editor: Editor, id: string, samples: Samples | undefined): Help {
  const client = useQueryClient();
  const help = useMemo(() => helpFor(editor, id, client), [editor, id, client]);
  useEffect(() => help.previews.refresh(), [help, samples]);
  useEffect(() => () => help.previews.stop(), [help]);
  return help;
}

function helpFor(editor: Editor, id: string, client: QueryClient): Help & { previews: Previews } {
  const latest = () => editor.pins.samplesAt(id);
  return {
    known: () => knownTo(documentOf(editor.store.getState()), editor.catalogue, latest(), id),
    previews: new Previews((settings, signal) => {
      // A node that was added a moment ago is asked about again when it has been saved.
      const stored = client.getQueryData(workflowQuery(editor.workflowId).queryKey);
      if (!stored?.nodes.some((node) => node.id === id)) return Promise.resolve({});
      return previewSettings(editor.workflowId, questionOf(editor, id, settings, latest()), signal);
    }),
  };
}

/** Before the first run the payload is the one that stands ready beside Run. */
function questionOf(
  editor: Editor,
  node_id: string,
  settings: Record<string, unknown>,
  samples: Samples | undefined,
): PreviewQuestion {
  const payload = samples?.last_run_id ? undefined : parsed(editor.runner.payloadText);
  return { node_id, iteration: "", settings, payload, outcomes: {}, ...editor.pins.placeOf(node_id) };
}
