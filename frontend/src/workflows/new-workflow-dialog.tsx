import { FileUp } from "lucide-react";
import { type ChangeEvent, type FormEvent, useState } from "react";
import { useNavigate } from "react-router";

import {
  ApiProblem,
  type Json,
  type JsonObject,
  useCreateWorkflow,
  useImportWorkflow,
  useTemplates,
  type WorkflowNode,
} from "@/api";
import { Button, Dialog, DialogActions, Field, Input, paths, ProblemNote, toast } from "@/ui";

import styles from "./workflows.module.css";

/** Every workflow can be started by hand at once; other triggers are added on the canvas. */
const START: WorkflowNode = {
  id: "start",
  type: "manual_trigger",
  position: { x: 0, y: 0 },
  data: { componentId: "manual_trigger", label: "Start" },
};

/** What a workflow may begin as: nothing, a template, or a document from a file. */
interface Beginning {
  id: string;
  title: string;
  description: string;
  document?: JsonObject;
}

const BLANK: Beginning = { id: "blank", title: "Blank", description: "One node that starts it by hand." };

export default function NewWorkflowDialog({ onClose }: { onClose: () => void }) {
  return (
    <Dialog open onOpenChange={onClose} title="New workflow">
      <NewWorkflowForm onCancel={onClose} />
    </Dialog>
  );
}

function NewWorkflowForm({ onCancel }: { onCancel: () => void }) {
  const [beginning, setBeginning] = useState(BLANK);
  const [fault, setFault] = useState<unknown>(null);
  const [name, setName] = useState("");
  const create = useCreateWorkflow();
  const bring = useImportWorkflow();
  const navigate = useNavigate();
  const enter = (workflow: { id: string }) => void navigate(paths.workflow(workflow.id));

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const { document } = beginning;
    if (!document) create.mutate({ name: name.trim(), nodes: [START], edges: [] }, { onSuccess: enter });
    else
      bring.mutate(
        { document, name: name.trim() },
        {
          onSuccess: ({ workflow, unlinked }) => {
            enter(workflow);
            if (unlinked.length > 0) toast(`Imported. ${unlinked.length} nodes need a credential again`);
          },
        },
      );
  };

  const choose = (next: Beginning) => {
    // A name that was typed is kept; one that came with another choice gives way.
    setName((typed) => (typed === "" || typed === beginning.document?.name ? nameOf(next) : typed));
    setBeginning(next);
  };

  const error = create.error ?? bring.error ?? fault;
  const nameMessage = error instanceof ApiProblem ? error.fieldMessage("name") : undefined;
  return (
    <form className={styles.form} onSubmit={submit}>
      <Field label="Name" hint="What it does, for the people who will look for it." error={nameMessage}>
        <Input
          required
          maxLength={200}
          autoFocus
          autoComplete="off"
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
      </Field>
      <Beginnings chosen={beginning} onChoose={choose} onFault={setFault} />
      {Boolean(error) && !nameMessage && <ProblemNote error={error} />}
      <DialogActions>
        <Button onClick={onCancel}>Cancel</Button>
        <Button look="primary" type="submit" busy={create.isPending || bring.isPending}>
          Create and open
        </Button>
      </DialogActions>
    </form>
  );
}

const nameOf = ({ document }: Beginning) => (typeof document?.name === "string" ? document.name : "");

interface BeginningsProps {
  chosen: Beginning;
  onChoose: (beginning: Beginning) => void;
  onFault: (fault: unknown) => void;
}

function Beginnings({ chosen, onChoose, onFault }: BeginningsProps) {
  const templates = useTemplates();
  const [file, setFile] = useState<Beginning | null>(null);
  const all: Beginning[] = [
    BLANK,
    ...(templates.data?.results ?? []).map(({ id, name, description, document }) => ({
      id,
      title: name,
      description,
      document: document as JsonObject,
    })),
    ...(file ? [file] : []),
  ];
  const read = async (event: ChangeEvent<HTMLInputElement>) => {
    const picked = event.target.files?.[0];
    event.target.value = "";
    if (!picked) return;
    const document = documentIn(await picked.text());
    if (typeof document === "string") {
      onFault(noDocument(picked.name, document));
      return;
    }
    const named = { ...document, name: document.name ?? picked.name.replace(/\.json$/i, "") };
    const next = { id: "file", title: picked.name, description: "From a file.", document: named };
    onFault(null);
    setFile(next);
    onChoose(next);
  };
  return (
    <>
      <fieldset className={styles.beginnings}>
        <legend>Start from</legend>
        {all.map((beginning) => (
          <label key={beginning.id} className={styles.beginning}>
            <input
              type="radio"
              name="beginning"
              checked={beginning.id === chosen.id}
              onChange={() => onChoose(beginning)}
            />
            <span>
              <strong>{beginning.title}</strong>
              <span>{beginning.description}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <label className={styles.file}>
        <FileUp size={15} aria-hidden />
        Import a file…
        <input type="file" accept=".json,application/json" onChange={(event) => void read(event)} />
      </label>
    </>
  );
}

/** The document, or why it is none. */
function documentIn(text: string): JsonObject | string {
  try {
    const value = JSON.parse(text) as Json;
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? value : "It holds JSON, but no object.";
  } catch (error) {
    return `It holds no JSON: ${error instanceof Error ? error.message : String(error)}.`;
  }
}

const noDocument = (file: string, why: string) =>
  new ApiProblem({
    type: "about:blank",
    status: 0,
    code: "no_document",
    title: `“${file}” cannot be imported`,
    detail: `${why} Choose a file that a workflow was exported to.`,
  });
