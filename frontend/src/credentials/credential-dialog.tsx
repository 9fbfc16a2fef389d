import { type FormEvent, useState } from "react";

import { ApiProblem, type Credential, type CredentialKind, useSaveCredential } from "@/api";
import { Button, Dialog, DialogActions, Field, Input, ProblemNote, Select, toast } from "@/ui";

import styles from "./credentials.module.css";
import { KINDS } from "./kinds";

interface CredentialDialogProps {
  /** Null makes a new one. */
  credential: Credential | null;
  onClose: () => void;
}

export function CredentialDialog({ credential, onClose }: CredentialDialogProps) {
  const [kind, setKind] = useState<CredentialKind>(credential?.kind ?? "bearer");
  const [replacing, setReplacing] = useState(credential === null);
  const save = useSaveCredential();

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const data = Object.fromEntries(
      KINDS[kind].fields.map((field) => [field.name, String(form.get(field.name))]),
    );
    const name = String(form.get("title")).trim();
    save.mutate(
      credential
        ? { id: credential.id, body: { name, kind, ...(replacing ? { data } : {}) } }
        : { id: null, body: { name, kind, data } },
      {
        onSuccess: () => {
          toast("Credential saved");
          onClose();
        },
      },
    );
  };

  const message = (field: string) =>
    save.error instanceof ApiProblem ? save.error.fieldMessage(field) : undefined;
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={credential ? "Change credential" : "New credential"}
    >
      <form className={styles.form} onSubmit={submit} autoComplete="off">
        <Field label="Name" hint="How nodes choose it." error={message("name")}>
          <Input name="title" required maxLength={200} defaultValue={credential?.name} autoFocus />
        </Field>
        <Field label="Kind" hint={KINDS[kind].hint}>
          <Select
            value={kind}
            onChange={(event) => {
              setKind(event.target.value as CredentialKind);
              // The old secret does not fit the new kind.
              setReplacing(true);
            }}
          >
            {Object.entries(KINDS).map(([name, { title }]) => (
              <option key={name} value={name}>
                {title}
              </option>
            ))}
          </Select>
        </Field>
        {replacing ? (
          KINDS[kind].fields.map((field) => (
            <Field key={`${kind} ${field.name}`} label={field.label} error={message(`data.${field.name}`)}>
              <Input
                name={field.name}
                type={field.secret ? "password" : "text"}
                autoComplete={field.secret ? "new-password" : "off"}
                required={!field.optional}
              />
            </Field>
          ))
        ) : (
          <div className={styles.kept}>
            <span>The secret stays as it is.</span>
            <Button small onClick={() => setReplacing(true)}>
              Replace the secret
            </Button>
          </div>
        )}
        {save.error && <ProblemNote error={save.error} />}
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" busy={save.isPending}>
            Save
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
