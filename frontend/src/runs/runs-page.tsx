import { RotateCw } from "lucide-react";
import { useState } from "react";
import { Link } from "react-router";

import { type RunHead, useRuns } from "@/api";
import {
  Button,
  cell,
  Elapsed,
  EmptyState,
  FlowFigure,
  LinkButton,
  ListFoot,
  Loading,
  Page,
  paths,
  ProblemNote,
  RelativeTime,
  Status,
  Table,
} from "@/ui";

import { BulkBar } from "./bulk-bar";
import { RunFilters } from "./run-filters";
import { shortId } from "./run-words";
import styles from "./runs.module.css";
import { Trigger } from "./trigger";
import { useRunFilter } from "./use-run-filter";

const COLUMNS = [
  { label: "Chosen", hidden: true, width: "34px" },
  { label: "Status", width: "124px" },
  { label: "Run", width: "148px" },
  { label: "Workflow", width: "24%" },
  { label: "Started by", width: "150px" },
  { label: "When", width: "116px" },
  { label: "Duration", number: true, width: "110px" },
  { label: "What it says" },
];

export default function RunsPage() {
  const { filter, setFilter, clear } = useRunFilter();
  const list = useRuns(filter);
  const rows = list.data?.pages.flatMap((page) => page.results) ?? [];
  const filtered = Object.keys(filter).length > 0;
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  const chosen = rows.filter((run) => ticked.has(run.id));
  const tick = (id: string, on: boolean) => {
    const next = new Set(ticked);
    if (on) next.add(id);
    else next.delete(id);
    setTicked(next);
  };
  return (
    <Page
      title="Runs"
      actions={
        <Button icon={RotateCw} onClick={() => void list.refetch()}>
          Refresh
        </Button>
      }
    >
      {(filtered || rows.length > 0) && <RunFilters filter={filter} setFilter={setFilter} clear={clear} />}
      {chosen.length > 0 && (
        <BulkBar
          filter={filter}
          chosen={chosen}
          all={chosen.length === rows.length && list.hasNextPage}
          onDone={() => setTicked(new Set())}
        />
      )}
      {rows.length > 1 && (
        <label className={styles.whole}>
          <input
            type="checkbox"
            className={styles.tick}
            checked={chosen.length === rows.length}
            onChange={(event) => setTicked(new Set(event.target.checked ? rows.map((run) => run.id) : []))}
          />
          Choose all shown
        </label>
      )}
      {list.error && <ProblemNote error={list.error} retry={() => void list.refetch()} />}
      {list.isPending && <Loading what="runs" />}
      {list.data && rows.length === 0 && <NoRuns filtered={filtered} clear={clear} />}
      {rows.length > 0 && (
        <Table label="Runs, newest first" columns={COLUMNS}>
          {rows.map((run) => (
            <Row key={run.id} run={run} ticked={ticked.has(run.id)} onTick={(on) => tick(run.id, on)} />
          ))}
        </Table>
      )}
      <ListFoot list={list} what="runs" shown={rows.length} />
    </Page>
  );
}

interface RowProps {
  run: RunHead;
  ticked: boolean;
  onTick: (on: boolean) => void;
}

function Row({ run, ticked, onTick }: RowProps) {
  return (
    <tr>
      <td>
        <input
          type="checkbox"
          className={styles.tick}
          aria-label={`Choose run ${shortId(run)}`}
          checked={ticked}
          onChange={(event) => onTick(event.target.checked)}
        />
      </td>
      <td>
        <Status status={run.status} />
      </td>
      <td>
        <Link to={paths.run(run.id)} className={styles.id} title={run.id}>
          {shortId(run)}
        </Link>
      </td>
      <td className={styles.clipped}>
        <Link to={paths.workflow(run.workflow_id)} className={styles.workflow}>
          {run.workflow_name}
        </Link>
        {run.is_draft && <span className={styles.mark}>Draft</span>}
      </td>
      <td>
        <Trigger type={run.trigger_type} />
      </td>
      <td className={cell.clip}>
        <RelativeTime at={run.created_at} />
      </td>
      <td className={cell.number}>
        <Elapsed since={run.started_at} ms={run.duration_ms} />
      </td>
      <td className={styles.clipped}>
        <Remark run={run} />
      </td>
    </tr>
  );
}

function Remark({ run }: { run: RunHead }) {
  if (run.error_message) {
    return (
      <span className={styles.error} title={run.error_message}>
        {run.error_message}
      </span>
    );
  }
  const facts = Object.entries(run.metadata).map(([key, value]) => `${key}=${value}`);
  if (run.correlation_id) facts.unshift(run.correlation_id);
  return (
    <span className={styles.facts} title={facts.join("\n")}>
      {facts.map((fact) => (
        <code key={fact}>{fact}</code>
      ))}
    </span>
  );
}

function NoRuns({ filtered, clear }: { filtered: boolean; clear: () => void }) {
  if (filtered) {
    return (
      <EmptyState
        title="No run matches these filters"
        actions={<Button onClick={clear}>Clear the filters</Button>}
      >
        Widen the time, or take a filter away.
      </EmptyState>
    );
  }
  return (
    <EmptyState
      title="Nothing has run yet"
      figure={<FlowFigure />}
      actions={
        <LinkButton look="primary" to={paths.workflows}>
          Open a workflow
        </LinkButton>
      }
    >
      Press Run in a workflow, call its webhook, wait for its schedule, or start it over the API. Each run
      then stands here with everything its steps did.
    </EmptyState>
  );
}
