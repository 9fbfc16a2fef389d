import { MessageSquareText } from "lucide-react";
import { useState } from "react";

import { ApiProblem, usePublishWorkflow } from "@/api";
import { Button, Dialog, DialogActions, Field, IconButton, ProblemNote, TextArea, toast } from "@/ui";

import { useEditor } from "../editor";
import { ProblemList } from "../problems/problem-list";
import styles from "./bar.module.css";
import { Popover } from "./popover";
import { usePublished } from "./use-published";

/** Freezes the draft as the next version; when something stands in the way, says what and leads there. */
export function PublishButton() {
  const { saver, workflowId } = useEditor();
  const { data, changed } = usePublished();
  const publish = usePublishWorkflow(workflowId);
  const [blocked, setBlocked] = useState<unknown>(null);
  const [noting, setNoting] = useState(false);
  const [note, setNote] = useState("");
  const start = async () => {
    if (!(await saver.flush())) {
      setBlocked(new Error("The draft is not on the server yet. The save mark beside the name says why."));
      return;
    }
    publish.mutate(note.trim() || undefined, {
      onSuccess: (workflow) => {
        setNote("");
        toast(`Version ${workflow.published_version} published`);
      },
      onError: setBlocked,
    });
  };
  const nothingNew = data?.published_version != null && !changed;
  return (
    <>
      <span className={styles.split}>
        <Button look="primary" busy={publish.isPending} disabled={nothingNew} onClick={() => void start()}>
          Publish
        </Button>
        <Popover
          open={noting}
          onOpenChange={setNoting}
          label="Publish with a note"
          trigger={
            <IconButton
              icon={MessageSquareText}
              label="Publish with a note"
              disabled={nothingNew}
              className={styles.payload}
            />
          }
        >
          <Field label="What is new" hint="Stands beside the version in the list of versions.">
            <TextArea
              rows={4}
              maxLength={10_000}
              value={note}
              onChange={(event) => setNote(event.target.value)}
            />
          </Field>
          <Button
            look="primary"
            onClick={() => {
              setNoting(false);
              void start();
            }}
          >
            Publish with this note
          </Button>
        </Popover>
      </span>
      {blocked !== null && <Blocked error={blocked} onClose={() => setBlocked(null)} />}
    </>
  );
}

function Blocked({ error, onClose }: { error: unknown; onClose: () => void }) {
  const errors = error instanceof ApiProblem ? error.errors : [];
  return (
    <Dialog open onOpenChange={onClose} title="Not published">
      {errors.length > 0 ? (
        <>
          <p>This has to be put right first; the published version stays as it is.</p>
          <ProblemList problems={errors} onGo={onClose} />
        </>
      ) : (
        <ProblemNote error={error} />
      )}
      <DialogActions>
        <Button autoFocus onClick={onClose}>
          Close
        </Button>
      </DialogActions>
    </Dialog>
  );
}
