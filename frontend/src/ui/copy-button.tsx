import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";

import { toast } from "./announce";
import { IconButton } from "./button";

export async function copyText(text: string, what: string) {
  // Browsers have no clipboard API on a plain http address other than this machine's own.
  if (navigator.clipboard) await navigator.clipboard.writeText(text);
  else copyBySelection(text);
  toast(`${what} copied`);
}

function copyBySelection(text: string) {
  const field = document.createElement("textarea");
  field.value = text;
  // Inside an open dialog, whose focus trap would else take the selection away.
  (document.querySelector('[role="dialog"]') ?? document.body).append(field);
  field.select();
  document.execCommand("copy");
  field.remove();
}

export function CopyButton({ text, what }: { text: string | (() => string); what: string }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 1_500);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <IconButton
      small
      icon={copied ? Check : Copy}
      label={`Copy ${what}`}
      onClick={async () => {
        await copyText(typeof text === "string" ? text : text(), what);
        setCopied(true);
      }}
    />
  );
}
