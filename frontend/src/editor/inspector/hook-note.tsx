import { ShieldCheck, TriangleAlert, Webhook } from "lucide-react";
import { Link } from "react-router";

import { useProject, useWorkflow } from "@/api";
import { type FlowNode, settingOf } from "@/canvas/graph";
import { Button, CopyButton, paths } from "@/ui";

import { setSetting } from "../document";
import { useEditor } from "../editor";
import { documentOf } from "../store";
import styles from "./inspector.module.css";
import { Listen } from "./listen";

/** Where a webhook is called, whether it asks who calls, and what came in. */
export function HookNote({ node }: { node: FlowNode }) {
  const { workflowId } = useEditor();
  const { data: workflow } = useWorkflow(workflowId);
  return (
    <div className={styles.note}>
      <p className={styles.noteHead}>
        <Webhook size={15} aria-hidden /> Address
      </p>
      <Addresses node={node} base={workflow?.webhook_url} />
      {!workflow?.is_active && <p>It answers once the workflow is published and active.</p>}
      {(settingOf(node, "auth") ?? "open") === "open" && <Unsigned node={node} />}
      <Listen node={node} />
      <p>
        <Link to={paths.deliveriesOf(workflowId)}>All deliveries of this workflow</Link>
      </p>
    </div>
  );
}

function Addresses({ node, base }: { node: FlowNode; base: string | null | undefined }) {
  const project = useProject();
  const path = String(settingOf(node, "path") ?? "").replace(/^\/+/, "");
  const name = String(settingOf(node, "name") ?? "");
  if (!base) return <p>The address is made when the workflow is saved.</p>;
  const ending = path ? `/${path}` : "";
  const named = `${base.replace(/[^/]+$/, "")}${project?.id}/${name}${ending}`;
  return (
    <>
      <Address url={`${base}${ending}`} what="webhook URL" />
      {name && project && <Address url={named} what="readable webhook URL" />}
    </>
  );
}

function Address({ url, what }: { url: string; what: string }) {
  return (
    <div className={styles.address}>
      <code>{url}</code>
      <CopyButton text={url} what={what} />
    </div>
  );
}

function Unsigned({ node }: { node: FlowNode }) {
  const { store, catalogue } = useEditor();
  const sign = () => {
    const { edit } = store.getState();
    edit(setSetting(documentOf(store.getState()), catalogue, node.id, "auth", "standard"));
  };
  return (
    <>
      <p className={styles.warning}>
        <TriangleAlert size={14} aria-hidden /> Unsigned: whoever knows this address can start the workflow.
      </p>
      <p>
        <Button small icon={ShieldCheck} onClick={sign}>
          Ask for a signature
        </Button>
      </p>
    </>
  );
}
