import type { FormEvent } from "react";
import { Navigate, useSearchParams } from "react-router";

import { ApiProblem, useSession, useSignIn } from "@/api";
import { BrandMark, Button, Field, FlowFigure, Input, paths, ProblemNote, useTitle } from "@/ui";

import styles from "./auth.module.css";

/** Only addresses of this app: a link may not carry the reader off to another site after signing in. */
export function safeNext(next: string | null): string {
  return next && /^\/app(\/|$|\?)/.test(next) ? next : paths.home;
}

export function SignInPage() {
  useTitle("Sign in");
  const [search] = useSearchParams();
  const session = useSession();
  const signIn = useSignIn();

  if (session.data?.user) return <Navigate to={safeNext(search.get("next"))} replace />;

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    signIn.mutate({ email: String(form.get("email")), password: String(form.get("password")) });
  };

  return (
    <main className={styles.page}>
      <div className={styles.card}>
        <header className={styles.head}>
          <BrandMark size={34} />
          <div>
            <h1>Sign in to Penstock</h1>
            <p className={styles.lead}>Draw workflows, run them, see what happened.</p>
          </div>
        </header>
        {search.get("problem") === "link_used" && (
          <p className={styles.note} role="status">
            That sign-in link was already used or is too old. Sign in with your password, or start the server
            again: it prints a new link.
          </p>
        )}
        {session.error && <ProblemNote error={session.error} retry={() => void session.refetch()} />}
        <form className={styles.form} onSubmit={submit}>
          <Field label="E-mail">
            <Input name="email" type="email" autoComplete="username" required autoFocus />
          </Field>
          <Field label="Password">
            <Input name="password" type="password" autoComplete="current-password" required />
          </Field>
          {signIn.error && <SignInProblem error={signIn.error} />}
          <Button look="primary" type="submit" busy={signIn.isPending}>
            Sign in
          </Button>
        </form>
      </div>
      <FlowFigure />
    </main>
  );
}

function SignInProblem({ error }: { error: unknown }) {
  if (error instanceof ApiProblem && error.code === "invalid_credentials") {
    return (
      <p className={styles.wrong} role="alert">
        E-mail and password do not match. Check both and try again.
      </p>
    );
  }
  return <ProblemNote error={error} />;
}
