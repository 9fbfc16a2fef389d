import { useEffect } from "react";
import { useSearchParams } from "react-router";

import { asProblem, readVersion } from "@/api";
import { fromWire, placeMissing } from "@/canvas/graph";
import { toast } from "@/ui";

import { replaceBy } from "./document";
import type { Editor } from "./editor";
import { documentOf } from "./store";

/** `?restore=3` in the address puts that version into the draft: one step, which can be undone like any other. */
export function useRestoring(editor: Editor) {
  const [search, setSearch] = useSearchParams();
  const number = Number(search.get("restore"));
  useEffect(() => {
    if (!number) return;
    void restore(editor, number).then(toast, (error: unknown) =>
      toast(`Version ${number} was not restored: ${asProblem(error).detail}`),
    );
    setSearch({}, { replace: true });
  }, [editor, number, setSearch]);
}

async function restore({ workflowId, store }: Editor, number: number): Promise<string> {
  const version = fromWire(placeMissing(await readVersion(workflowId, number)));
  const { edit } = store.getState();
  edit(replaceBy(documentOf(store.getState()), version, `Restore version ${number}`));
  return `The draft is version ${number} again`;
}
