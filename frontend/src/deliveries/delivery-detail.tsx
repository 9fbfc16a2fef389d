import { RotateCcw, X } from "lucide-react";
import { Link } from "react-router";

import { type Delivery, type Json, useDelivery } from "@/api";
import { JsonView } from "@/runs";
import { Button, formatExact, IconButton, Loading, paths, ProblemNote } from "@/ui";

import styles from "./deliveries.module.css";
import { Outcome, OUTCOMES } from "./outcome";

interface DeliveryDetailProps {
  id: string;
  busy: boolean;
  onReplay: () => void;
  onClose: () => void;
}

/** One request with everything that was kept of it. */
export function DeliveryDetail({ id, busy, onReplay, onClose }: DeliveryDetailProps) {
  const { data, error, isPending, refetch } = useDelivery(id);
  return (
    <aside className={styles.detail} aria-label="The delivery">
      <header className={styles.detailHead}>
        <h2>{data ? `${data.method} ${data.path}` : "Delivery"}</h2>
        <IconButton small icon={X} label="Close" onClick={onClose} />
      </header>
      {error && <ProblemNote error={error} retry={() => void refetch()} />}
      {isPending && <Loading what="the delivery" />}
      {data && (
        <>
          <p className={styles.verdict}>
            <Outcome outcome={data.outcome} /> {data.reason ?? OUTCOMES[data.outcome].about}
          </p>
          {data.workflow_id && (
            <Button icon={RotateCcw} busy={busy} onClick={onReplay}>
              Replay
            </Button>
          )}
          <Facts delivery={data} />
          {data.headers && <JsonView title="Headers" value={data.headers} />}
          <Body delivery={data} />
        </>
      )}
    </aside>
  );
}

function Facts({ delivery }: { delivery: Delivery }) {
  const facts: [string, React.ReactNode][] = [
    ["Received", formatExact(delivery.received_at)],
    ["Answer", delivery.status ?? "The caller waits for the run"],
    ["Decided in", `${delivery.duration_ms} ms`],
    ["From", delivery.client_address],
    ["Query", delivery.query],
    ["Its own id", delivery.delivery_id],
    ["Code", delivery.code],
    ["Run", delivery.run_id && <Link to={paths.run(delivery.run_id)}>{delivery.run_id}</Link>],
    [
      "Workflow",
      delivery.workflow_id && <Link to={paths.workflow(delivery.workflow_id)}>{delivery.workflow_name}</Link>,
    ],
    ["Replay of", delivery.replay_of],
  ];
  return (
    <dl className={styles.facts}>
      {facts
        .filter(([, value]) => value !== null && value !== "")
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}

function Body({ delivery }: { delivery: Delivery }) {
  const size = `${delivery.body_size.toLocaleString()} bytes`;
  if (delivery.body_size === 0) return <p className={styles.faint}>It had no body.</p>;
  if (!delivery.body_is_raw) return <JsonView title="Body" value={delivery.body} />;
  const json = delivery.body_is_cut ? undefined : parsed(delivery.body);
  if (json !== undefined) return <JsonView title="Body" value={json} />;
  return (
    <section className={styles.raw} aria-label="Body">
      <h3>Body</h3>
      {delivery.body === null ? (
        <p className={styles.faint}>{size}, not kept.</p>
      ) : (
        <pre tabIndex={0}>{String(delivery.body)}</pre>
      )}
      {delivery.body !== null && delivery.body_is_cut && (
        <p className={styles.faint}>The beginning only; it had {size}.</p>
      )}
    </section>
  );
}

function parsed(text: Json): Json | undefined {
  try {
    return JSON.parse(String(text)) as Json;
  } catch {
    return undefined;
  }
}
