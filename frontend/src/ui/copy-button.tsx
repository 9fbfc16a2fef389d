import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";

import { toast } from "./announce";
import { IconButton } from "./button";

export async function copyText(text: string, what: string) {
  await navigator.clipboard.writeText(text);
  toast(`${what} copied`);
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
