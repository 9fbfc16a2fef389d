import { Plus } from "lucide-react";
import { useState } from "react";

import { type ApiKey, useApiKeys, useRevokeApiKey } from "@/api";
import {
  announce,
  Button,
  cell,
  ConfirmDialog,
  formatDate,
  Loading,
  paths,
  ProblemNote,
  RelativeTime,
  Table,
} from "@/ui";

import { NewApiKeyDialog } from "./new-api-key-dialog";
import { Section } from "./section";
import styles from "./settings.module.css";

const COLUMNS = [
  { label: "Name" },
  { label: "Made", width: "130px" },
  { label: "Last used", width: "130px" },
  { label: "Ends", width: "120px" },
  { label: "Actions", hidden: true, width: "96px" },
];

export function ApiKeys() {
  const { data, error, isPending, refetch } = useApiKeys();
  const [creating, setCreating] = useState(false);
  const [doomed, setDoomed] = useState<ApiKey | null>(null);
  return (
    <Section
      title="API keys"
      lead={
        <>
          For programs that start and read runs. How to call it stands in the{" "}
          <a href={paths.apiReference}>API reference</a>.
        </>
      }
      action={
        <Button icon={Plus} onClick={() => setCreating(true)}>
          New API key
        </Button>
      }
    >
      {error && <ProblemNote error={error} retry={() => void refetch()} />}
      {isPending && <Loading what="API keys" />}
      {data?.length === 0 && (
        <p className={styles.none}>
          No keys yet. Make one for each program, so that each can be revoked alone.
        </p>
      )}
      {data && data.length > 0 && (
        <Table label="API keys" columns={COLUMNS}>
          {data.map((key) => (
            <tr key={key.id}>
              <td>{key.name}</td>
              <td>
                <RelativeTime at={key.created_at} />
              </td>
              <td className={key.last_used_at ? undefined : cell.faint}>
                {key.last_used_at ? <RelativeTime at={key.last_used_at} /> : "Never"}
              </td>
              <td className={cell.faint}>{key.expires_at ? formatDate(key.expires_at) : "Never"}</td>
              <td>
                <Button small aria-label={`Revoke ${key.name}`} onClick={() => setDoomed(key)}>
                  Revoke
                </Button>
              </td>
            </tr>
          ))}
        </Table>
      )}
      {creating && <NewApiKeyDialog onClose={() => setCreating(false)} />}
      {doomed && <RevokeApiKey apiKey={doomed} onClose={() => setDoomed(null)} />}
    </Section>
  );
}

function RevokeApiKey({ apiKey, onClose }: { apiKey: ApiKey; onClose: () => void }) {
  const revoke = useRevokeApiKey();
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Revoke “${apiKey.name}”?`}
      action="Revoke key"
      busy={revoke.isPending}
      error={revoke.error}
      onConfirm={() =>
        revoke.mutate(apiKey.id, {
          onSuccess: () => {
            announce(`${apiKey.name} revoked`);
            onClose();
          },
        })
      }
    >
      Programs that use it are refused from now on. A revoked key cannot be brought back.
    </ConfirmDialog>
  );
}
