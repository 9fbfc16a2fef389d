import type { FormEvent } from "react";

import { useCreateApiKey } from "@/api";
import { Button, CopyButton, Dialog, DialogActions, Field, Input, ProblemNote, Select } from "@/ui";

import styles from "./settings.module.css";

const DAY = 86_400_000;

/** First the name, then, once, the secret. */
export function NewApiKeyDialog({ onClose }: { onClose: () => void }) {
  const create = useCreateApiKey();

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const days = Number(form.get("days"));
    create.mutate({
      name: String(form.get("name")).trim(),
      ...(days ? { expires_at: new Date(Date.now() + days * DAY).toISOString() } : {}),
    });
  };

  if (create.data) return <Secret name={create.data.name} secret={create.data.secret} onClose={onClose} />;
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title="New API key">
      <form className={styles.form} onSubmit={submit}>
        <Field label="Name" hint="The program that will use it.">
          <Input name="name" required maxLength={200} autoFocus autoComplete="off" />
        </Field>
        <Field label="Ends">
          <Select name="days" defaultValue="0">
            <option value="0">Never</option>
            <option value="30">In 30 days</option>
            <option value="90">In 90 days</option>
            <option value="365">In a year</option>
          </Select>
        </Field>
        {create.error && <ProblemNote error={create.error} />}
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" busy={create.isPending}>
            Make key
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

function Secret({ name, secret, onClose }: { name: string; secret: string; onClose: () => void }) {
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`The secret of “${name}”`}
      description="Copy it now: it is shown this once and never again. Send it as “Authorization: Bearer …”."
    >
      <div className={styles.secret}>
        <code>{secret}</code>
        <CopyButton text={secret} what="secret" />
      </div>
      <DialogActions>
        <Button look="primary" onClick={onClose}>
          I have copied it
        </Button>
      </DialogActions>
    </Dialog>
  );
}
