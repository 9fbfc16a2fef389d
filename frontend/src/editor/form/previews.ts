import { createContext } from "react";
import { createStore, type StoreApi } from "zustand";

import type { PreviewResult } from "@/api";

import { type Known, NOTHING_KNOWN } from "./completing";

/** A field's value as it was asked about, and what the server made of it. */
export interface Previewed {
  value: unknown;
  result: PreviewResult;
}

export type Ask = (
  settings: Record<string, unknown>,
  signal: AbortSignal,
) => Promise<Record<string, PreviewResult>>;

const QUIET_MS = 200;

/**
 * What the expressions of the open form come to. Fields say what they hold; when the hand rests, all that is new goes to the
 * server in one request. Answers that were overtaken by typing are left out.
 */
export class Previews {
  readonly store: StoreApi<Record<string, Previewed>> = createStore(() => ({}));
  private readonly wanted = new Map<string, unknown>();
  private readonly asked = new Map<string, unknown>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private call: AbortController | undefined;

  constructor(private readonly ask: Ask) {}

  want(id: string, value: unknown) {
    if (this.wanted.has(id) && this.wanted.get(id) === value) return;
    this.wanted.set(id, value);
    this.later();
  }

  forget(id: string) {
    this.wanted.delete(id);
    this.asked.delete(id);
  }

  /** What the expressions stand on has changed: all of them are asked about again. */
  refresh() {
    this.asked.clear();
    this.later();
  }

  stop() {
    clearTimeout(this.timer);
    this.call?.abort();
  }

  private later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.send(), QUIET_MS);
  }

  private async send() {
    const open = [...this.wanted].filter(
      ([id, value]) => !this.asked.has(id) || this.asked.get(id) !== value,
    );
    if (open.length === 0) return;
    this.call?.abort();
    const call = (this.call = new AbortController());
    for (const [id, value] of open) this.asked.set(id, value);
    try {
      const results = await this.ask(Object.fromEntries(open), call.signal);
      this.take(open, results);
    } catch {
      // Not told under the field: the save mark says that the server is away. The next keystroke asks again.
      for (const [id] of open) this.asked.delete(id);
    }
  }

  private take(open: [string, unknown][], results: Record<string, PreviewResult>) {
    const fresh: Record<string, Previewed> = {};
    for (const [id, value] of open) {
      const result = results[id];
      if (result && this.wanted.get(id) === value) fresh[id] = { value, result };
    }
    this.store.setState(fresh);
  }
}

/** Which characters of a text the error under it is about: from the place it names to the end of the word there. */
export interface Fault {
  from: number;
  to: number;
  message: string;
}

/** `shift`: how many characters were put before the text when it was asked about. */
export function faultIn(text: string, { error }: PreviewResult, shift = 0): Fault | null {
  const offset = (error?.position as { offset?: number } | null | undefined)?.offset;
  if (!error || offset === undefined) return null;
  const from = Math.max(0, Math.min(offset - shift, text.length - 1));
  const word = /^[\w.]+/.exec(text.slice(from))?.[0].length ?? 1;
  return { from, to: Math.min(from + word, text.length), message: error.message };
}

export interface Help {
  previews: Previews | null;
  known: () => Known;
}

/** What the form is told of the world around the node; without it, it is a form all the same. */
export const HelpContext = createContext<Help>({ previews: null, known: () => NOTHING_KNOWN });
