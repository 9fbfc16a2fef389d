import type { ReactNode } from "react";
import { Navigate, useLocation } from "react-router";

import { useSession } from "@/api";
import { Loading, paths, ProblemNote } from "@/ui";

import styles from "./auth.module.css";

/** Shows what is inside to who is signed in; anybody else signs in first and comes back to the same address. */
export function RequireSession({ children }: { children: ReactNode }) {
  const session = useSession();
  const { pathname, search } = useLocation();
  if (session.isPending) return <Loading what="Penstock" />;
  if (!session.data) {
    return (
      <div className={styles.page}>
        <div className={styles.card}>
          <ProblemNote error={session.error} retry={() => void session.refetch()} />
        </div>
      </div>
    );
  }
  if (!session.data.user) {
    const next = pathname === paths.home && !search ? "" : `?next=${encodeURIComponent(pathname + search)}`;
    return <Navigate to={`${paths.signIn}${next}`} replace />;
  }
  return children;
}
