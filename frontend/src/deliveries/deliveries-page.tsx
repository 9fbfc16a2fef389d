import { RotateCcw, RotateCw } from "lucide-react";
import { useState } from "react";
import { Link } from "react-router";

import { type DeliveryHead, type ReplayResult, useDeliveries, useReplay } from "@/api";
import {
  Button,
  cell,
  EmptyState,
  ListFoot,
  Loading,
  Page,
  paths,
  ProblemNote,
  RelativeTime,
  Table,
  toast,
  useUrlFilter,
} from "@/ui";

import styles from "./deliveries.module.css";
import { DeliveryDetail } from "./delivery-detail";
import { DeliveryFilters } from "./delivery-filters";
import { Outcome } from "./outcome";

const COLUMNS = [
  { label: "Choose", hidden: true, width: "40px" },
  { label: "Outcome", width: "132px" },
  { label: "Request", width: "26%" },
  { label: "Workflow", width: "20%" },
  { label: "When", width: "116px" },
  { label: "Answer", number: true, width: "78px" },
  { label: "What became of it" },
];
const FILTERS = ["workflow", "outcome", "search", "since", "until"] as const;
const OPEN = ["delivery"] as const;

export default function DeliveriesPage() {
  const { filter, setFilter } = useUrlFilter(FILTERS);
  const { filter: open, setFilter: setOpen } = useUrlFilter(OPEN);
  const list = useDeliveries(filter);
  const rows = list.data?.pages.flatMap((page) => page.results) ?? [];
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const replay = useReplay();
  const again = (ids: string[]) =>
    replay.mutate(ids, {
      onSuccess: (results) => {
        tell(results);
        setChosen(new Set());
      },
    });
  const filtered = Object.keys(filter).length > 0;
  return (
    <Page
      title="Deliveries"
      lead="Every request that reached a webhook, also those that started nothing."
      actions={
        <>
          {chosen.size > 0 && (
            <Button
              look="primary"
              icon={RotateCcw}
              busy={replay.isPending}
              onClick={() => again([...chosen])}
            >
              Replay {chosen.size}
            </Button>
          )}
          <Button icon={RotateCw} onClick={() => void list.refetch()}>
            Refresh
          </Button>
        </>
      }
    >
      {(filtered || rows.length > 0) && <DeliveryFilters filter={filter} setFilter={setFilter} />}
      {list.error && <ProblemNote error={list.error} retry={() => void list.refetch()} />}
      {replay.error && <ProblemNote error={replay.error} />}
      {list.isPending && <Loading what="deliveries" />}
      {list.data && rows.length === 0 && <NoDeliveries filtered={filtered} />}
      <div className={styles.split} data-open={open.delivery ? true : undefined}>
        {rows.length > 0 && (
          <Table label="Deliveries, newest first" columns={COLUMNS}>
            {rows.map((row) => (
              <Row
                key={row.id}
                row={row}
                isOpen={row.id === open.delivery}
                chosen={chosen.has(row.id)}
                onChoose={(on) => setChosen(toggled(chosen, row.id, on))}
                onOpen={() => setOpen({ delivery: row.id })}
              />
            ))}
          </Table>
        )}
        {open.delivery && (
          <DeliveryDetail
            key={open.delivery}
            id={open.delivery}
            busy={replay.isPending}
            onReplay={() => again([open.delivery!])}
            onClose={() => setOpen({ delivery: undefined })}
          />
        )}
      </div>
      <ListFoot list={list} what="deliveries" shown={rows.length} />
    </Page>
  );
}

function toggled(chosen: ReadonlySet<string>, id: string, on: boolean): ReadonlySet<string> {
  const next = new Set(chosen);
  if (on) next.add(id);
  else next.delete(id);
  return next;
}

function tell(results: ReplayResult[]) {
  const failed = results.flatMap(({ error }) => (error ? [error.message] : []));
  const started = results.length - failed.length;
  const said = started === 1 ? "1 run started" : `${started} runs started`;
  toast(failed.length === 0 ? said : `${said}, ${failed.length} not: ${failed[0]}`);
}

interface RowProps {
  row: DeliveryHead;
  isOpen: boolean;
  chosen: boolean;
  onChoose: (on: boolean) => void;
  onOpen: () => void;
}

function Row({ row, isOpen, chosen, onChoose, onOpen }: RowProps) {
  return (
    <tr data-open={isOpen || undefined}>
      <td>
        {row.workflow_id && (
          <input
            type="checkbox"
            aria-label={`Choose ${row.method} ${row.path}`}
            checked={chosen}
            onChange={(event) => onChoose(event.target.checked)}
          />
        )}
      </td>
      <td>
        <Outcome outcome={row.outcome} />
      </td>
      <td className={styles.clipped}>
        <button
          type="button"
          className={styles.request}
          aria-expanded={isOpen}
          onClick={onOpen}
          title={row.path}
        >
          <b>{row.method}</b> {row.path}
        </button>
      </td>
      <td className={styles.clipped}>
        {row.workflow_id ? (
          <Link to={paths.workflow(row.workflow_id)} className={styles.workflow}>
            {row.workflow_name}
          </Link>
        ) : (
          <span className={cell.faint}>Nobody’s address</span>
        )}
      </td>
      <td>
        <RelativeTime at={row.received_at} />
      </td>
      <td className={cell.number}>{row.status ?? "…"}</td>
      <td className={styles.clipped}>
        {row.run_id ? (
          <Link to={paths.run(row.run_id)}>Run {row.run_status ?? "deleted"}</Link>
        ) : (
          <span title={row.reason ?? undefined}>{row.reason}</span>
        )}
      </td>
    </tr>
  );
}

function NoDeliveries({ filtered }: { filtered: boolean }) {
  return filtered ? (
    <EmptyState title="No delivery matches these filters">Take a filter away to see more.</EmptyState>
  ) : (
    <EmptyState title="No webhook has been called yet">
      Give a workflow a webhook trigger, publish and activate it, and call its address. Each request then
      stands here with what became of it, and can be replayed.
    </EmptyState>
  );
}
