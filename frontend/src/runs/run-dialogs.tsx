import { useState } from "react";
import { useNavigate } from "react-router";

import {
  type Json,
  type JsonObject,
  type Run,
  usePurgeRun,
  useRaiseEvent,
  useRetryRun,
  useTerminateRun,
} from "@/api";
import {
  Button,
  ConfirmDialog,
  Dialog,
  DialogActions,
  Field,
  Input,
  paths,
  ProblemNote,
  Select,
  TextArea,
  toast,
} from "@/ui";

import { asContext } from "./run-words";

interface RunDialogProps {
  run: Run;
  onClose: () => void;
}

export function TerminateDialog({ run, onClose }: RunDialogProps) {
  const terminate = useTerminateRun(run.id);
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Terminate this run?"
      action="Terminate"
      busy={terminate.isPending}
      error={terminate.error}
      onConfirm={() => terminate.mutate(undefined, { onSuccess: onClose })}
    >
      Nodes at work are told to stop and no further node starts. What is done stays done, and the run cannot
      go on afterwards.
    </ConfirmDialog>
  );
}

export function PurgeDialog({ run, onClose }: RunDialogProps) {
  const purge = usePurgeRun(run.id);
  const navigate = useNavigate();
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Delete this run?"
      action="Delete"
      busy={purge.isPending}
      error={purge.error}
      onConfirm={() =>
        purge.mutate(undefined, { onSuccess: () => void navigate(paths.runs, { replace: true }) })
      }
    >
      The run goes with its log and all its data. A line that it was deleted, when and by whom, remains.
    </ConfirmDialog>
  );
}

type Version = "same" | "newest" | "draft";

/** The run once more, on another payload or another version. */
export function ReplayDialog({ run, onClose }: RunDialogProps) {
  const [text, setText] = useState(() => JSON.stringify(asContext(run.trigger_payload), null, 2));
  const [version, setVersion] = useState<Version>("same");
  const retry = useRetryRun(run.id);
  const navigate = useNavigate();
  const read = readObject(text);
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title="Replay with edits" wide>
      {retry.error && <ProblemNote error={retry.error} />}
      <Field label="Payload (JSON)" error={read.fault}>
        <TextArea
          rows={12}
          spellCheck={false}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      </Field>
      <Field label="Version">
        <Select value={version} onChange={(event) => setVersion(event.target.value as Version)}>
          <option value="same">The one that ran</option>
          <option value="newest">The newest published one</option>
          <option value="draft">The draft as it is now</option>
        </Select>
      </Field>
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
        <Button
          look="primary"
          busy={retry.isPending}
          disabled={read.value === undefined}
          onClick={() =>
            retry.mutate(
              { context: read.value, version },
              { onSuccess: (next) => void navigate(paths.run(next!.id)) },
            )
          }
        >
          Run
        </Button>
      </DialogActions>
    </Dialog>
  );
}

interface EventDialogProps {
  runId: string;
  /** The event that something waits for. */
  wanted?: string;
  onClose: () => void;
}

/** Tells the run something from outside. */
export function EventDialog({ runId, wanted = "", onClose }: EventDialogProps) {
  const [name, setName] = useState(wanted);
  const [text, setText] = useState("{}");
  const raise = useRaiseEvent(runId);
  const read = readJson(text);
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Raise an event"
      description="A node that waits for it takes it now; else it lies in the run's inbox until one does."
    >
      {raise.error && <ProblemNote error={raise.error} />}
      <Field label="Name">
        <Input value={name} onChange={(event) => setName(event.target.value)} placeholder="approved" />
      </Field>
      <Field label="Payload (JSON)" error={read.fault}>
        <TextArea
          rows={6}
          spellCheck={false}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      </Field>
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
        <Button
          look="primary"
          busy={raise.isPending}
          disabled={read.value === undefined || name.trim() === ""}
          onClick={() =>
            raise.mutate(
              { name: name.trim(), payload: read.value! },
              {
                onSuccess: () => {
                  toast(`Event “${name.trim()}” raised`);
                  onClose();
                },
              },
            )
          }
        >
          Raise
        </Button>
      </DialogActions>
    </Dialog>
  );
}

interface Read<Value> {
  value?: Value;
  fault?: string;
}

function readJson(text: string): Read<Json> {
  try {
    return { value: JSON.parse(text) as Json };
  } catch (error) {
    return { fault: `Not JSON yet: ${error instanceof Error ? error.message : String(error)}` };
  }
}

function readObject(text: string): Read<JsonObject> {
  const { value, fault } = readJson(text);
  if (fault) return { fault };
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject ? { value } : { fault: "A run starts with a JSON object." };
}
