import { type FormEvent, type ReactNode, useState } from "react";

import {
  type ApiProblem,
  asProblem,
  useNameAlertWorkflow,
  useSaveSettings,
  useWorkflow,
  useWorkflows,
  type Workflow,
} from "@/api";
import {
  Button,
  CopyButton,
  Dialog,
  DialogActions,
  Field,
  Input,
  ProblemNote,
  Select,
  TextArea,
  toast,
} from "@/ui";

import { useEditor } from "../editor";
import { documentOf } from "../store";
import styles from "./cover.module.css";
import { type Faults, faultsIn, type Typed, typedFrom, type Unit, UNITS, wantedFrom } from "./values";

/** What a workflow is called and how its runs are held, apart from its drawing. */
export default function WorkflowSettings({ onClose }: { onClose: () => void }) {
  const { workflowId } = useEditor();
  const { data } = useWorkflow(workflowId);
  return (
    <Dialog wide open onOpenChange={onClose} title="Workflow settings">
      {data && <SettingsForm workflow={data} onClose={onClose} />}
    </Dialog>
  );
}

function SettingsForm({ workflow, onClose }: { workflow: Workflow; onClose: () => void }) {
  const { store } = useEditor();
  const [typed, setTyped] = useState(() => typedFrom(workflow, documentOf(store.getState())));
  const saving = useSaving(workflow, onClose);
  const faults = { ...faultsIn(typed), ...(saving.error && refused(saving.error)) };
  const told = saving.error && Object.keys(refused(saving.error)).length === 0;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (Object.keys(faultsIn(typed)).length === 0) void saving.save(typed);
  };
  const field = <Key extends keyof Typed>(key: Key) => ({
    value: typed[key],
    onChange: (event: { target: { value: string } }) => {
      setTyped({ ...typed, [key]: event.target.value });
      saving.forget();
    },
  });
  return (
    <form className={styles.form} onSubmit={submit} noValidate>
      <Field label="Name" error={faults.name}>
        <Input autoFocus autoComplete="off" maxLength={200} {...field("name")} />
      </Field>
      <Field label="Description" error={faults.description}>
        <TextArea rows={3} maxLength={10_000} {...field("description")} />
      </Field>
      <Field label="Tags" hint="With commas between them; what the list is filtered by." error={faults.tags}>
        <Input autoComplete="off" {...field("tags")} />
      </Field>
      <div className={styles.pair}>
        <Field
          label="Runs at once"
          hint="Further runs wait their turn, in the order they were started."
          error={faults.limit}
        >
          <Input inputMode="numeric" placeholder="No limit" {...field("limit")} />
        </Field>
        <Field
          label="Deadline of a run"
          hint="A run that has not ended so long after it may begin fails. Each start may say otherwise."
          error={faults.deadline}
        >
          <Input inputMode="numeric" placeholder="None" {...field("deadline")} />
        </Field>
        <Select aria-label="Unit of the deadline" {...field("unit")}>
          {(Object.keys(UNITS) as Unit[]).map((unit) => (
            <option key={unit}>{unit}</option>
          ))}
        </Select>
      </div>
      <div className={styles.pair}>
        <Field label="Runs are kept for" hint="Days after their end; 0 is for ever." error={faults.days}>
          <Input inputMode="numeric" placeholder="As the server keeps them" {...field("days")} />
        </Field>
        <Field label="Runs kept at most" hint="The latest ones; 0 is all." error={faults.kept}>
          <Input inputMode="numeric" placeholder="As the server keeps them" {...field("kept")} />
        </Field>
      </div>
      <Field
        label="When a run fails, start"
        hint="Also when one stalls or misses its start. It gets what happened as its payload."
      >
        <AlertChoice workflow={workflow} {...field("alert")} />
      </Field>
      <Names workflow={workflow} />
      {told && <ProblemNote error={saving.error} />}
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
        <Button look="primary" type="submit" busy={saving.busy} disabled={Object.keys(faults).length > 0}>
          Save
        </Button>
      </DialogActions>
    </form>
  );
}

/** Name and description belong to the draft, where they can be undone; the rest is the workflow's at once. */
function useSaving(workflow: Workflow, onDone: () => void) {
  const { store } = useEditor();
  const settings = useSaveSettings(workflow.id);
  const alert = useNameAlertWorkflow();
  const save = async (typed: Typed) => {
    try {
      await settings.mutateAsync(wantedFrom(typed));
      if (typed.alert !== (workflow.alert_workflow ?? ""))
        await alert.mutateAsync({ id: workflow.id, alertWorkflow: typed.alert || null });
    } catch {
      return; // Told by the form, which stays open.
    }
    const { name, description } = documentOf(store.getState());
    const patch = { name: typed.name.trim(), description: typed.description };
    if (patch.name !== name || patch.description !== description)
      store.getState().edit({ label: "Name and description", changes: [{ type: "cover.set", patch }] });
    toast("Settings saved");
    onDone();
  };
  const error = settings.error ?? alert.error;
  return {
    save,
    busy: settings.isPending || alert.isPending,
    error: error && asProblem(error),
    forget: () => {
      settings.reset();
      alert.reset();
    },
  };
}

/** What the server refused, at the fields that it is about. */
function refused(problem: ApiProblem): Faults {
  const about = (name: string) => problem.errors.find(({ path }) => path.startsWith(name))?.message;
  const faults: Faults = {
    tags: about("tags"),
    limit: about("max_concurrent_runs"),
    deadline: about("deadline_seconds"),
    days: about("run_days"),
    kept: about("runs_kept"),
  };
  return Object.fromEntries(Object.entries(faults).filter(([, message]) => message !== undefined));
}

const EVERY_WORKFLOW = {};

interface AlertChoiceProps {
  workflow: Workflow;
  value: string;
  onChange: (event: { target: { value: string } }) => void;
}

function AlertChoice({ workflow, ...field }: AlertChoiceProps) {
  const list = useWorkflows(EVERY_WORKFLOW);
  const others = (list.data?.pages.flatMap((page) => page.results) ?? []).filter(
    ({ id }) => id !== workflow.id,
  );
  const known = field.value === "" || others.some(({ id }) => id === field.value);
  return (
    <Select {...field}>
      <option value="">Nothing</option>
      {!known && <option value={field.value}>{field.value}</option>}
      {others.map(({ id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </Select>
  );
}

/** What programs call it by. */
function Names({ workflow }: { workflow: Workflow }) {
  return (
    <dl className={styles.names}>
      <Name name="Id" text={workflow.id} />
      <Name name="Key" text={workflow.key}>
        What other products' APIs call it; it stays when the name changes.
      </Name>
    </dl>
  );
}

function Name({ name, text, children }: { name: string; text: string; children?: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <code>{text}</code>
        <CopyButton text={text} what={name.toLowerCase()} />
        <span className={styles.hint}>{children}</span>
      </dd>
    </div>
  );
}
