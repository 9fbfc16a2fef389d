import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "react-router";

import { asProblem, rememberPayload, type Run, samplesKey, savePins, workflowQuery } from "@/api";
import { paths, toast } from "@/ui";

import { pinsFrom } from "./run-pins";
import { asContext } from "./run-words";

/** Opens the workflow's draft with what this run put out as pins, to go on building from there. */
export function useLoadAsPins(run: Run) {
  const client = useQueryClient();
  const navigate = useNavigate();
  return async () => {
    const { id } = run.workflow;
    try {
      const draft = await client.fetchQuery({ ...workflowQuery(id), staleTime: 0 });
      const pins = pinsFrom(run, draft);
      const count = Object.keys(pins).length;
      if (count === 0) {
        toast("The draft has none of the nodes whose output could be pinned");
        return;
      }
      await savePins(id, pins);
      rememberPayload(id, JSON.stringify(asContext(run.trigger_payload), null, 2));
      await client.invalidateQueries({ queryKey: samplesKey(id) });
      toast(`${count} ${count === 1 ? "output" : "outputs"} pinned`);
      await navigate(paths.workflow(id));
    } catch (error) {
      toast(asProblem(error).message);
    }
  };
}
