import {
  BellRing,
  Download,
  Ellipsis,
  GitCompareArrows,
  Pause,
  Pin,
  Play,
  RotateCcw,
  Square,
  SquarePen,
  SquareTerminal,
  Trash2,
  Undo2,
} from "lucide-react";
import { useState } from "react";
import { useNavigate } from "react-router";

import { isFinal, type Run, useExecuteWorkflow, useHoldRun, useRetryRun } from "@/api";
import {
  Button,
  copyText,
  downloadJson,
  IconButton,
  LinkButton,
  Menu,
  MenuItem,
  MenuLine,
  paths,
  toast,
} from "@/ui";

import { CompareDialog } from "./compare-dialog";
import { EventDialog, PurgeDialog, ReplayDialog, TerminateDialog } from "./run-dialogs";
import { asContext, asCurl } from "./run-words";
import { useLoadAsPins } from "./use-load-as-pins";

type Asked = "terminate" | "replay" | "event" | "purge" | "compare";

/** The same payload once more: the draft for a run of the draft, else what is published now. */
export function useRunAgain(run: Run) {
  const navigate = useNavigate();
  const execute = useExecuteWorkflow();
  const start = () =>
    execute.mutate(
      {
        workflowId: run.workflow.id,
        context: asContext(run.trigger_payload),
        ...(run.is_draft ? { version: "draft" as const } : {}),
      },
      { onSuccess: (next) => void navigate(paths.run(next.id)) },
    );
  return { start, busy: execute.isPending, error: execute.error };
}

export function RunActions({ run, again }: { run: Run; again: ReturnType<typeof useRunAgain> }) {
  const [asked, ask] = useState<Asked | null>(null);
  const close = () => ask(null);
  const over = isFinal(run.status);
  return (
    <>
      {over ? (
        <Button look="primary" icon={RotateCcw} busy={again.busy} onClick={again.start}>
          Run again
        </Button>
      ) : (
        <>
          <HoldButton run={run} />
          <Button icon={Square} onClick={() => ask("terminate")}>
            Terminate
          </Button>
        </>
      )}
      <LinkButton to={paths.workflow(run.workflow.id)}>Open in editor</LinkButton>
      <Menu trigger={<IconButton icon={Ellipsis} label="More actions" />}>
        {over ? <EndedItems run={run} ask={ask} /> : <LiveItems again={again.start} ask={ask} />}
        <MenuLine />
        <MenuItem icon={GitCompareArrows} onSelect={() => ask("compare")}>
          Compare with another run…
        </MenuItem>
        <MenuItem
          icon={SquareTerminal}
          onSelect={() =>
            void copyText(asCurl(location.origin, run.workflow.id, run.trigger_payload), "Command")
          }
        >
          Copy as curl
        </MenuItem>
        <MenuItem icon={Download} onSelect={() => downloadJson(`${run.id}.json`, run)}>
          Download JSON
        </MenuItem>
      </Menu>
      {asked === "terminate" && <TerminateDialog run={run} onClose={close} />}
      {asked === "replay" && <ReplayDialog run={run} onClose={close} />}
      {asked === "event" && <EventDialog runId={run.id} onClose={close} />}
      {asked === "purge" && <PurgeDialog run={run} onClose={close} />}
      {asked === "compare" && <CompareDialog run={run} onClose={close} />}
    </>
  );
}

function HoldButton({ run }: { run: Run }) {
  const hold = useHoldRun(run.id);
  const held = run.status === "suspended";
  return (
    <Button
      icon={held ? Play : Pause}
      busy={hold.isPending}
      onClick={() =>
        hold.mutate(held ? "resume" : "suspend", { onError: (problem) => toast(problem.message) })
      }
    >
      {held ? "Resume" : "Suspend"}
    </Button>
  );
}

function EndedItems({ run, ask }: { run: Run; ask: (asked: Asked) => void }) {
  const navigate = useNavigate();
  const retry = useRetryRun(run.id);
  const load = useLoadAsPins(run);
  return (
    <>
      {run.status !== "completed" && (
        <MenuItem
          icon={Undo2}
          onSelect={() =>
            retry.mutate(
              { from_failed: true },
              {
                onSuccess: (next) => void navigate(paths.run(next!.id)),
                onError: (problem) => toast(problem.message),
              },
            )
          }
        >
          Retry from where it failed
        </MenuItem>
      )}
      <MenuItem icon={SquarePen} onSelect={() => ask("replay")}>
        Replay with edits…
      </MenuItem>
      <MenuItem icon={Pin} onSelect={() => void load()}>
        Load into the editor as pins
      </MenuItem>
      <MenuItem icon={Trash2} danger onSelect={() => ask("purge")}>
        Delete this run…
      </MenuItem>
    </>
  );
}

function LiveItems({ again, ask }: { again: () => void; ask: (asked: Asked) => void }) {
  return (
    <>
      <MenuItem icon={BellRing} onSelect={() => ask("event")}>
        Raise an event…
      </MenuItem>
      <MenuItem icon={RotateCcw} onSelect={again}>
        Run again
      </MenuItem>
    </>
  );
}
