/** Names an expression could not reach a node by: the roots of an expression, and Python's own words. */
const RESERVED = new Set(
  (
    "trigger input nodes run workflow vars item index " +
    "and as assert async await break class continue def del elif else except finally for from global if import in is " +
    "lambda nonlocal not or pass raise return try while with yield match case none true false"
  ).split(" "),
);

/** An id `[a-z_][a-z0-9_]*` that an expression can use as it stands: `http_request`, `http_request_2`, … */
export function makeNodeId(kind: string, taken: (id: string) => boolean): string {
  const stem = kind
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^_+|_+$/g, "")
    .replace(/^(?=[0-9])/, "_");
  const base = stem || "node";
  if (!RESERVED.has(base) && !taken(base)) return base;
  for (let n = RESERVED.has(base) ? 1 : 2; ; n++) if (!taken(`${base}_${n}`)) return `${base}_${n}`;
}

export function makeEdgeId(
  source: string,
  handle: string,
  target: string,
  taken: (id: string) => boolean,
): string {
  const base = `${source}.${handle}-${target}`;
  if (!taken(base)) return base;
  for (let n = 2; ; n++) if (!taken(`${base}-${n}`)) return `${base}-${n}`;
}
