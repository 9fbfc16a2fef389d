import { Component, type ReactNode } from "react";

import { Button, ProblemNote } from "@/ui";

import styles from "./app.module.css";

/** Keeps a fault inside its screen; the navigation stays usable. Keyed by the path, so that leaving clears it. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { error: unknown }> {
  override state = { error: null as unknown };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override render() {
    if (this.state.error === null) return this.props.children;
    return (
      <div className={styles.fault}>
        <ProblemNote error={this.state.error} />
        <p>
          What was saved is safe. If Penstock was just updated, reloading the page brings the new version.
        </p>
        <Button look="primary" onClick={() => location.reload()}>
          Reload the page
        </Button>
      </div>
    );
  }
}
