import { type FormEvent, useState } from "react";

import { ApiProblem, useChangePassword, useSession } from "@/api";
import { Button, Field, Input, ProblemNote, toast } from "@/ui";

import { Section } from "./section";
import styles from "./settings.module.css";

export function Account() {
  const { data: session } = useSession();
  const change = useChangePassword();
  const [mismatch, setMismatch] = useState(false);

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const values = new FormData(form);
    const wanted = String(values.get("new_password"));
    const differs = wanted !== values.get("repeat");
    setMismatch(differs);
    if (differs) return;
    const current = String(values.get("current_password"));
    change.mutate(
      { new_password: wanted, ...(current ? { current_password: current } : {}) },
      {
        onSuccess: () => {
          form.reset();
          toast("Password changed");
        },
      },
    );
  };

  const message = (field: string) =>
    change.error instanceof ApiProblem ? change.error.fieldMessage(field) : undefined;
  const told = message("current_password") ?? message("new_password");
  return (
    <Section title="Password" lead={<>Signed in as {session?.user?.email}.</>}>
      <form className={styles.passwords} onSubmit={submit}>
        <input
          type="hidden"
          name="username"
          autoComplete="username"
          value={session?.user?.email ?? ""}
          readOnly
        />
        <Field
          label="Current password"
          hint="Leave empty if you came in by link and have none yet."
          error={message("current_password")}
        >
          <Input name="current_password" type="password" autoComplete="current-password" />
        </Field>
        <Field label="New password" error={message("new_password")}>
          <Input name="new_password" type="password" autoComplete="new-password" required />
        </Field>
        <Field label="New password again" error={mismatch ? "The two do not match." : undefined}>
          <Input name="repeat" type="password" autoComplete="new-password" required />
        </Field>
        {change.error && !told && <ProblemNote error={change.error} />}
        <div>
          <Button type="submit" busy={change.isPending}>
            Change password
          </Button>
        </div>
      </form>
    </Section>
  );
}
