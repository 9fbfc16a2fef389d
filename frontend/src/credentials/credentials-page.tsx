import { Pencil, Plus, Trash2 } from "lucide-react";
import { useState } from "react";

import { type Credential, useCredentials, useDeleteCredential } from "@/api";
import {
  announce,
  Button,
  cell,
  ConfirmDialog,
  EmptyState,
  IconButton,
  Loading,
  Page,
  ProblemNote,
  RelativeTime,
  Table,
} from "@/ui";

import { CredentialDialog } from "./credential-dialog";
import { KINDS } from "./kinds";

const COLUMNS = [
  { label: "Name" },
  { label: "Kind", width: "24%" },
  { label: "Used by", width: "140px" },
  { label: "Changed", width: "150px" },
  { label: "Actions", hidden: true, width: "92px" },
];

export default function CredentialsPage() {
  const { data, error, isPending, refetch } = useCredentials();
  const [edited, setEdited] = useState<Credential | "new" | null>(null);
  const [doomed, setDoomed] = useState<Credential | null>(null);
  const create = (
    <Button look="primary" icon={Plus} onClick={() => setEdited("new")}>
      New credential
    </Button>
  );
  return (
    <Page
      title="Credentials"
      lead="Secrets that nodes send along. They are stored encrypted and never shown again."
      actions={create}
    >
      {error && <ProblemNote error={error} retry={() => void refetch()} />}
      {isPending && <Loading what="credentials" />}
      {data?.length === 0 && (
        <EmptyState title="No credentials yet" actions={create}>
          Save a token or a password here once, then choose it by name in the nodes that need it. Nobody who
          reads a workflow or a run sees the secret.
        </EmptyState>
      )}
      {data && data.length > 0 && (
        <Table label="Credentials" columns={COLUMNS}>
          {data.map((credential) => (
            <tr key={credential.id}>
              <td>{credential.name}</td>
              <td>{KINDS[credential.kind]?.title ?? credential.kind}</td>
              <td className={cell.faint}>{usage(credential.used_by)}</td>
              <td>
                <RelativeTime at={credential.updated_at} />
              </td>
              <td>
                <IconButton
                  small
                  icon={Pencil}
                  label={`Change ${credential.name}`}
                  onClick={() => setEdited(credential)}
                />
                <IconButton
                  small
                  icon={Trash2}
                  label={`Delete ${credential.name}`}
                  onClick={() => setDoomed(credential)}
                />
              </td>
            </tr>
          ))}
        </Table>
      )}
      {edited && (
        <CredentialDialog credential={edited === "new" ? null : edited} onClose={() => setEdited(null)} />
      )}
      {doomed && <DeleteCredential credential={doomed} onClose={() => setDoomed(null)} />}
    </Page>
  );
}

const usage = (count: number) =>
  count === 0 ? "Not used" : `${count} ${count === 1 ? "workflow" : "workflows"}`;

function DeleteCredential({ credential, onClose }: { credential: Credential; onClose: () => void }) {
  const remove = useDeleteCredential();
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Delete “${credential.name}”?`}
      action="Delete credential"
      busy={remove.isPending}
      error={remove.error}
      onConfirm={() =>
        remove.mutate(credential.id, {
          onSuccess: () => {
            announce(`${credential.name} deleted`);
            onClose();
          },
        })
      }
    >
      {credential.used_by > 0
        ? `It is used by ${usage(credential.used_by)}: nodes that name it will fail until another is chosen.`
        : "No workflow uses it. The secret cannot be brought back."}
    </ConfirmDialog>
  );
}
