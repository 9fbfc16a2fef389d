import { Page, useUrlFilter } from "@/ui";
import { Tabs } from "@/ui/tabs";

import { Alerts } from "./alerts";
import { Backfills } from "./backfills";
import { Coming } from "./coming";
import { Past } from "./past";

const NAMES = ["tab", "hours", "workflow", "outcome", "alarm"] as const;

const TABS = [
  { id: "coming", label: "Coming" },
  { id: "past", label: "Past" },
  { id: "backfills", label: "Backfills" },
  { id: "alerts", label: "Alerts" },
] as const;

export default function SchedulePage() {
  const { filter, setFilter } = useUrlFilter(NAMES);
  const { tab, hours, ...past } = filter;
  const contents = {
    coming: (
      <Coming hours={hours === "168" ? 168 : 24} onHours={(next) => setFilter({ hours: String(next) })} />
    ),
    past: <Past filter={past} setFilter={setFilter} />,
    backfills: <Backfills />,
    alerts: <Alerts />,
  };
  const chosen = TABS.find(({ id }) => id === tab)?.id ?? "coming";
  return (
    <Page title="Schedule" lead="What starts by the clock, what did, and what did not.">
      <Tabs
        label="Schedule"
        chosen={chosen}
        onChoose={(id) => setFilter({ tab: id })}
        tabs={TABS.map(({ id, label }) => ({ id, label, content: contents[id] }))}
      />
    </Page>
  );
}
