import { useEffect, useRef } from "react";
import { Outlet, useLocation } from "react-router";

import { announce } from "@/ui";

import styles from "./app.module.css";
import { CommandPaletteHost } from "./command-palette-host";
import { ErrorBoundary } from "./error-boundary";
import { Sidebar } from "./sidebar";

/** The editor and a run's page want the whole width; there the sidebar keeps to its icons. */
const WIDE = /^\/app\/(workflows|runs)\/./;

export function Layout() {
  const { pathname } = useLocation();
  const main = useRef<HTMLElement>(null);
  const arrived = useRef(pathname);

  useEffect(() => {
    if (arrived.current === pathname) return;
    arrived.current = pathname;
    if (!main.current?.contains(document.activeElement)) main.current?.focus({ preventScroll: true });
    // The title is set by the new page's own effect, hence the wait.
    const timer = setTimeout(() => announce(document.title.replace(" · Penstock", "")), 100);
    return () => clearTimeout(timer);
  }, [pathname]);

  return (
    <div className={styles.layout}>
      <a className={styles.skip} href="#main">
        Skip to content
      </a>
      <Sidebar compact={WIDE.test(pathname)} />
      <main id="main" className={styles.main} ref={main} tabIndex={-1}>
        <ErrorBoundary key={pathname}>
          <Outlet />
        </ErrorBoundary>
      </main>
      <CommandPaletteHost />
    </div>
  );
}
