import { ChevronDown, Maximize2, Minimize2, Power, PowerOff, Trash2, X } from "lucide-react";
import { useDeferredValue, useEffect, useMemo, useState } from "react";

import { KindIcon } from "@/canvas";
import { type FlowNode, type Kind, nodeIndex } from "@/canvas/graph";
import { IconButton, InlineCode, Menu, MenuItem } from "@/ui";

import { commandById, shownKeys } from "../commands";
import { setSetting } from "../document";
import { type Editor, useDocument, useEditor, useEditorState } from "../editor";
import { createForm, type FieldSpec, fieldsOf, type Form, HelpContext, Setting } from "../form";
import { InputPane, OutputPane, PassChooser, useEditorSamples } from "../samples";
import { documentOf, onlyNode } from "../store";
import { commonFields } from "./common-settings";
import styles from "./inspector.module.css";
import { LabelInput } from "./label-input";
import { useHelp } from "./use-help";
import { TriggerNote } from "./trigger-note";

/** The settings of the one selected node. It stands beside the graph and never over it. */
export function Inspector() {
  const id = useEditorState(onlyNode);
  const known = useDocument((document) => id !== null && nodeIndex(document.nodes).has(id));
  return id !== null && known ? <NodePanel key={id} id={id} /> : null;
}

function NodePanel({ id }: { id: string }) {
  const editor = useEditor();
  const large = useEditorState((state) => state.inspectorLarge);
  const samples = useEditorSamples(id);
  const help = useHelp(editor, id, samples);
  const node = useDocument((document) => nodeIndex(document.nodes).get(id)!);
  const kind = editor.catalogue.of(node);
  const form = useNodeForm(editor, node);
  // The panel takes its room from the canvas: the node it belongs to must not slip out of sight by that.
  useEffect(() => {
    const frame = requestAnimationFrame(() => editor.view.reveal(id));
    return () => cancelAnimationFrame(frame);
  }, [editor, id, large]);
  const parameters = (
    <div className={styles.body}>
      <p className={styles.about}>
        <InlineCode
          text={kind?.description ?? "This server does not know this kind of node. It cannot run here."}
        />
      </p>
      <PassChooser id={id} samples={samples} />
      {kind?.is_trigger && <TriggerNote node={node} kind={kind} />}
      <Settings id={id} kind={kind} form={form} />
      <p className={styles.id}>
        Its id in expressions: <code>nodes.{id}</code>
      </p>
    </div>
  );
  return (
    <aside
      className={styles.panel}
      data-large={large || undefined}
      aria-label={`Settings of ${editor.catalogue.label(node)}`}
      data-inspector
      onKeyDown={(event) => {
        if (event.key !== "Escape" || event.defaultPrevented) return;
        event.preventDefault();
        editor.view.focus();
      }}
    >
      <Head node={node} kind={kind} form={form} />
      <HelpContext value={help}>
        {large ? (
          <div className={styles.columns}>
            <InputPane id={id} samples={samples} />
            {parameters}
            <OutputPane id={id} samples={samples} />
          </div>
        ) : (
          parameters
        )}
      </HelpContext>
    </aside>
  );
}

/** The form lives as long as the panel; what it holds back is handed over before a save, and when the panel closes. */
function useNodeForm(editor: Editor, node: FlowNode): Form {
  const [form] = useState(() =>
    createForm(valuesOf(node), (name, value) => {
      const { edit } = editor.store.getState();
      edit(setSetting(documentOf(editor.store.getState()), editor.catalogue, node.id, name, value));
    }),
  );
  useEffect(() => form.sync(valuesOf(node)), [form, node]);
  useEffect(() => {
    const forget = editor.saver.register(form.flush);
    return () => {
      form.flush();
      forget();
    };
  }, [editor, form]);
  return form;
}

const valuesOf = ({ data }: FlowNode): Record<string, unknown> => ({ ...data, ...data.parameters });

function Head({ node, kind, form }: { node: FlowNode; kind: Kind | undefined; form: Form }) {
  const editor = useEditor();
  const disable = commandById("disable");
  const remove = commandById("delete");
  const title = editor.catalogue.title(node.data.componentId);
  return (
    <header className={styles.head}>
      <span className={styles.icon}>
        <KindIcon name={kind?.icon} size={20} />
      </span>
      <div className={styles.title}>
        <LabelInput form={form} placeholder={title} />
        <span className={styles.kind}>{title}</span>
      </div>
      <RunNode />
      <LargeButton />
      <IconButton
        small
        icon={node.data.disabled ? PowerOff : Power}
        label={node.data.disabled ? "Enable" : "Disable"}
        keys={shownKeys(disable)}
        pressed={node.data.disabled === true}
        onClick={() => disable.run(editor)}
      />
      <IconButton
        small
        icon={Trash2}
        label="Delete node"
        keys={shownKeys(remove)}
        onClick={() => {
          remove.run(editor);
          editor.view.focus();
        }}
      />
      <IconButton
        small
        icon={X}
        label="Close"
        onClick={() => {
          editor.store.getState().select([]);
          editor.view.focus();
        }}
      />
    </header>
  );
}

/** The node alone at a click, what leads here or follows from here in the menu. */
function RunNode() {
  const editor = useEditor();
  const [only, ...others] = ["run-node", "run-to", "run-from"].map(commandById);
  return (
    <>
      <IconButton
        small
        icon={only!.icon!}
        label={only!.title}
        keys={shownKeys(only!)}
        onClick={() => only!.run(editor)}
      />
      <Menu trigger={<IconButton small icon={ChevronDown} label="More ways to run" />}>
        {others.map((command) => (
          <MenuItem
            key={command.id}
            icon={command.icon}
            keys={shownKeys(command)}
            onSelect={() => command.run(editor)}
          >
            {command.title}
          </MenuItem>
        ))}
      </Menu>
    </>
  );
}

function LargeButton() {
  const editor = useEditor();
  const command = commandById("inspector-large");
  const large = useEditorState((state) => state.inspectorLarge);
  return (
    <IconButton
      small
      icon={large ? Minimize2 : Maximize2}
      label={large ? "Beside the graph" : "Open large, with input and output"}
      keys={shownKeys(command)}
      pressed={large}
      onClick={() => command.run(editor)}
    />
  );
}

const NO_FIELDS: FieldSpec[] = [];

function Settings({ id, kind, form }: { id: string; kind: Kind | undefined; form: Form }) {
  const own = useMemo(() => (kind ? fieldsOf(kind.schema, !kind.is_trigger) : NO_FIELDS), [kind]);
  const common = useMemo(() => commonFields(kind), [kind]);
  const errors = useErrors(id);
  // The kind's own settings are what the panel is opened for; the others follow as soon as those are on the screen.
  const withCommon = useDeferredValue(true, false);
  return (
    <>
      {own.length > 0 && (
        <section className={styles.section} aria-label="Parameters" data-settings>
          {own.map((spec) => (
            <Setting key={spec.name} form={form} spec={spec} all={own} error={errors.get(spec.name)} />
          ))}
        </section>
      )}
      {withCommon && (
        <section className={styles.section} aria-labelledby="node-settings">
          <h2 id="node-settings" className={styles.heading}>
            Node settings
          </h2>
          {common.map((spec) => (
            <Setting key={spec.name} form={form} spec={spec} all={common} error={errors.get(spec.name)} />
          ))}
        </section>
      )}
    </>
  );
}

/** What is wrong with this node's settings, by field. */
function useErrors(id: string): ReadonlyMap<string, string> {
  const problems = useEditorState((state) => state.problems);
  return useMemo(() => {
    const byField = new Map<string, string>();
    for (const { node_id, field, message } of problems) {
      const name = field?.split(/[.[]/)[0];
      if (node_id === id && name && !byField.has(name)) byField.set(name, message);
    }
    return byField;
  }, [problems, id]);
}
