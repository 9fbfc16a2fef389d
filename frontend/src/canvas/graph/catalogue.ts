import type { FlowNode, Kind } from "./types";

/** The node kinds, found by their own name or by any name they are also known as. */
export class Catalogue {
  readonly kinds: readonly Kind[];
  private readonly byName = new Map<string, Kind>();
  private readonly aliasTitles = new Map<string, string>();

  constructor(kinds: readonly Kind[]) {
    this.kinds = kinds;
    for (const kind of kinds) {
      for (const alias of kind.aliases) {
        this.byName.set(alias.kind, kind);
        this.aliasTitles.set(alias.kind, alias.title);
      }
    }
    // Own names last: an alias never hides a kind of the same name.
    for (const kind of kinds) this.byName.set(kind.kind, kind);
  }

  get(name: string): Kind | undefined {
    return this.byName.get(name);
  }

  of(node: FlowNode): Kind | undefined {
    return this.byName.get(node.data.componentId);
  }

  /** The words for a node's kind; an alias keeps its own title. */
  title(name: string): string {
    return this.aliasTitles.get(name) ?? this.byName.get(name)?.title ?? name;
  }

  label(node: FlowNode): string {
    return node.data.label?.trim() || this.title(node.data.componentId);
  }

  isTrigger(node: FlowNode): boolean {
    return this.of(node)?.is_trigger ?? false;
  }
}

export const EMPTY_CATALOGUE = new Catalogue([]);
