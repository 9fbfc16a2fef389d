import { CalendarClock, KeyRound, ListChecks, MoonStar, Plus, Settings, Workflow } from "lucide-react";
import { lazy, Suspense, useEffect } from "react";
import { useNavigate } from "react-router";

import { paths, setTheme, THEMES } from "@/ui";

import { type Command, registerCommands } from "./commands";
import { setPaletteOpen, usePaletteOpen } from "./palette";

const CommandPalette = lazy(() => import("./command-palette"));

/** Listens for the key everywhere and loads the palette when it is first wanted. */
export function CommandPaletteHost() {
  const open = usePaletteOpen();
  useScreenCommands();

  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.shiftKey) return;
      event.preventDefault();
      setPaletteOpen(true);
    };
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, []);

  if (!open) return null;
  return (
    <Suspense fallback={null}>
      <CommandPalette onClose={() => setPaletteOpen(false)} />
    </Suspense>
  );
}

function useScreenCommands() {
  const navigate = useNavigate();
  useEffect(() => {
    const go = (id: string, title: string, to: string, icon: Command["icon"]): Command => ({
      id: `go.${id}`,
      title,
      group: "Go to",
      icon,
      run: () => void navigate(to),
    });
    // The palette shows the group that was registered last first, and an open screen's before these.
    return registerCommands([
      ...THEMES.map(({ value, label }) => ({
        id: `theme.${value}`,
        title: `Theme: ${label.toLowerCase()}`,
        group: "Appearance",
        icon: MoonStar,
        keywords: ["colour", "dark", "light"],
        run: () => setTheme(value),
      })),
      {
        id: "workflow.new",
        title: "New workflow",
        group: "Commands",
        icon: Plus,
        keywords: ["create", "add"],
        run: () => void navigate(`${paths.workflows}?new`),
      },
      go("workflows", "Workflows", paths.workflows, Workflow),
      go("runs", "Runs", paths.runs, ListChecks),
      go("schedule", "Schedule", paths.schedule, CalendarClock),
      go("credentials", "Credentials", paths.credentials, KeyRound),
      go("settings", "Settings", paths.settings, Settings),
    ]);
  }, [navigate]);
}
