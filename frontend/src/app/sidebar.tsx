import {
  BookOpen,
  CalendarClock,
  CircleUser,
  KeyRound,
  ListChecks,
  LogOut,
  Search,
  Settings,
  Webhook,
  Workflow,
} from "lucide-react";
import type { LucideIcon } from "lucide-react";
import { Link, NavLink } from "react-router";

import { useChooseProject, useProject, useSession, useSignOut } from "@/api";
import {
  BrandMark,
  Keys,
  Menu,
  MenuChoice,
  MenuItem,
  MenuLabel,
  MenuLine,
  paths,
  setTheme,
  type Theme,
  THEMES,
  Tooltip,
  useTheme,
} from "@/ui";

import styles from "./app.module.css";
import { openPalette } from "./palette";

const SCREENS: { to: string; label: string; icon: LucideIcon }[] = [
  { to: paths.workflows, label: "Workflows", icon: Workflow },
  { to: paths.runs, label: "Runs", icon: ListChecks },
  { to: paths.deliveries, label: "Deliveries", icon: Webhook },
  { to: paths.schedule, label: "Schedule", icon: CalendarClock },
  { to: paths.credentials, label: "Credentials", icon: KeyRound },
  { to: paths.settings, label: "Settings", icon: Settings },
];

export function Sidebar({ compact }: { compact: boolean }) {
  return (
    <nav className={styles.sidebar} aria-label="Main" data-compact={compact || undefined}>
      <Link to={paths.home} className={styles.brand} aria-label="Penstock, home">
        <BrandMark />
        <span className={styles.text}>Penstock</span>
      </Link>
      <Hinted label="Search" keys={["Ctrl", "K"]} show={compact}>
        <button
          type="button"
          className={styles.search}
          onClick={openPalette}
          aria-keyshortcuts="Control+K Meta+K"
        >
          <Search size={16} aria-hidden="true" />
          <span className={styles.text}>Search</span>
          <span className={styles.text} aria-hidden="true">
            <Keys keys={["Ctrl", "K"]} />
          </span>
        </button>
      </Hinted>
      <ul className={styles.screens}>
        {SCREENS.map(({ to, label, icon: Icon }) => (
          <li key={to}>
            <Hinted label={label} show={compact}>
              <NavLink to={to} className={styles.screen}>
                <Icon size={17} aria-hidden="true" />
                <span className={styles.text}>{label}</span>
              </NavLink>
            </Hinted>
          </li>
        ))}
      </ul>
      <div className={styles.foot}>
        <Hinted label="API reference" show={compact}>
          <a className={styles.screen} href={paths.apiReference}>
            <BookOpen size={17} aria-hidden="true" />
            <span className={styles.text}>API reference</span>
          </a>
        </Hinted>
        <AccountMenu />
      </div>
    </nav>
  );
}

/** A tooltip only where the label itself is not to be seen. */
function Hinted({
  show,
  children,
  ...tip
}: {
  label: string;
  keys?: string[];
  show: boolean;
  children: React.ReactElement;
}) {
  if (!show) return children;
  return (
    <Tooltip {...tip} side="right">
      {children}
    </Tooltip>
  );
}

function AccountMenu() {
  const { data: session } = useSession();
  const project = useProject();
  const chooseProject = useChooseProject();
  const signOut = useSignOut();
  const theme = useTheme();
  const projects = session?.projects ?? [];
  const user = session?.user;
  return (
    <Menu
      align="start"
      side="top"
      trigger={
        <button type="button" className={styles.screen}>
          <CircleUser size={17} aria-hidden="true" />
          <span className={styles.text}>{user?.name || user?.email}</span>
          <span className="visually-hidden">: account and theme</span>
        </button>
      }
    >
      <MenuLabel>{user?.email}</MenuLabel>
      <MenuLine />
      {projects.length > 1 && (
        <>
          <MenuChoice
            label="Project"
            value={project?.id ?? ""}
            onChange={(id) => void chooseProject(id)}
            options={projects.map(({ id, name }) => ({ value: id, label: name }))}
          />
          <MenuLine />
        </>
      )}
      <MenuChoice
        label="Theme"
        value={theme}
        onChange={(value) => setTheme(value as Theme)}
        options={THEMES}
      />
      <MenuLine />
      <MenuItem icon={LogOut} onSelect={() => signOut.mutate()}>
        Sign out
      </MenuItem>
    </Menu>
  );
}
