import { Plus } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { useSearchParams } from "react-router";

import { useTags, type WorkflowFilter, useWorkflows } from "@/api";
import {
  Button,
  EmptyState,
  FlowFigure,
  ListFoot,
  Loading,
  Page,
  ProblemNote,
  RUN_STATUSES,
  SearchInput,
  Select,
  statusWord,
  useDebounced,
  useUrlFilter,
} from "@/ui";

import { WorkflowTable } from "./workflow-table";
import styles from "./workflows.module.css";

const NewWorkflowDialog = lazy(() => import("./new-workflow-dialog"));

const FILTERS = ["search", "is_active", "trigger", "status", "tag"] as const;
const TRIGGERS = [
  { value: "schedule", label: "A schedule" },
  { value: "webhook", label: "A webhook" },
  { value: "manual", label: "Only by hand or API" },
];

export function WorkflowsPage() {
  const { filter, setFilter } = useUrlFilter(FILTERS);
  const list = useWorkflows(filter, 10_000);
  const rows = list.data?.pages.flatMap((page) => page.results) ?? [];
  const filtered = Object.keys(filter).length > 0;
  const [creating, setCreating] = useCreating();

  const create = (
    <Button look="primary" icon={Plus} onClick={() => setCreating(true)}>
      New workflow
    </Button>
  );

  return (
    <Page title="Workflows" actions={create}>
      {(filtered || rows.length > 0) && <WorkflowFilters filter={filter} setFilter={setFilter} />}
      {list.error && <ProblemNote error={list.error} retry={() => void list.refetch()} />}
      {list.isPending && <Loading what="workflows" />}
      {list.data && rows.length === 0 && (
        <NoWorkflows
          filtered={filtered}
          create={create}
          clear={() => setFilter(Object.fromEntries(FILTERS.map((name) => [name, undefined])))}
        />
      )}
      {rows.length > 0 && <WorkflowTable rows={rows} />}
      <ListFoot list={list} what="workflows" shown={rows.length} />
      {creating && (
        <Suspense fallback={null}>
          <NewWorkflowDialog onClose={() => setCreating(false)} />
        </Suspense>
      )}
    </Page>
  );
}

/** `?new` in the address opens the dialog, so that the palette can ask for it from anywhere. */
function useCreating(): [boolean, (open: boolean) => void] {
  const [search, setSearch] = useSearchParams();
  const setCreating = (open: boolean) =>
    setSearch(
      (before) => {
        const next = new URLSearchParams(before);
        if (open) next.set("new", "");
        else next.delete("new");
        return next;
      },
      { replace: true },
    );
  return [search.has("new"), setCreating];
}

interface FiltersProps {
  filter: WorkflowFilter;
  setFilter: (changes: Record<string, string | undefined>) => void;
}

function WorkflowFilters({ filter, setFilter }: FiltersProps) {
  const [text, setText] = useState(filter.search ?? "");
  useDebounced(text, (search) => setFilter({ search }));
  const tags = useTags();
  const choose = (name: string) => (event: React.ChangeEvent<HTMLSelectElement>) =>
    setFilter({ [name]: event.target.value });
  return (
    <div className={styles.filters} role="search">
      <SearchInput
        className={styles.search}
        aria-label="Search workflows"
        placeholder="Search by name"
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <Select aria-label="Started by" value={filter.trigger ?? ""} onChange={choose("trigger")}>
        <option value="">Started by anything</option>
        {TRIGGERS.map(({ value, label }) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </Select>
      <Select aria-label="Active" value={filter.is_active ?? ""} onChange={choose("is_active")}>
        <option value="">Active or not</option>
        <option value="true">Active</option>
        <option value="false">Not active</option>
      </Select>
      {((tags.data?.results.length ?? 0) > 0 || filter.tag) && (
        <Select aria-label="Tag" value={filter.tag ?? ""} onChange={choose("tag")}>
          <option value="">Any tag</option>
          {[...new Set([...(tags.data?.results ?? []), ...(filter.tag ? [filter.tag] : [])])].map((tag) => (
            <option key={tag}>{tag}</option>
          ))}
        </Select>
      )}
      <Select aria-label="Last run" value={filter.status ?? ""} onChange={choose("status")}>
        <option value="">Any last run</option>
        {RUN_STATUSES.map((status) => (
          <option key={status} value={status}>
            Last run {statusWord(status).toLowerCase()}
          </option>
        ))}
      </Select>
    </div>
  );
}

function NoWorkflows({
  filtered,
  create,
  clear,
}: {
  filtered: boolean;
  create: React.ReactNode;
  clear: () => void;
}) {
  if (filtered) {
    return (
      <EmptyState
        title="No workflow matches these filters"
        actions={<Button onClick={clear}>Clear the filters</Button>}
      >
        Widen the search, or take a filter away.
      </EmptyState>
    );
  }
  return (
    <EmptyState title="Draw your first workflow" figure={<FlowFigure />} actions={create}>
      A workflow is a drawing of steps. It starts by hand, on a schedule, on a webhook or by the API, and
      every run is kept here with what each step did. Begin with a blank one, with a template, or with a file
      that was exported elsewhere.
    </EmptyState>
  );
}
