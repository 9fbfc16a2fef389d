import { vi } from "vitest";

export interface Asked {
  method: string;
  path: string;
  query: URLSearchParams;
  /** Names in lower case. */
  headers: Record<string, string>;
  body: unknown;
}

type Answer = unknown | ((asked: Asked) => unknown);

export class Refusal {
  constructor(
    readonly status: number,
    readonly problem: { title: string; code: string; [more: string]: unknown },
  ) {}
}

/** A server that answers from a table of "METHOD /path" and remembers what it was asked. */
export function stubServer(routes: Record<string, Answer>) {
  const asked: Asked[] = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    const { pathname, searchParams } = new URL(request.url);
    const text = await request.text();
    const one: Asked = {
      method: request.method,
      path: pathname.replace("/api/v1", ""),
      query: searchParams,
      headers: Object.fromEntries([...request.headers].map(([name, value]) => [name.toLowerCase(), value])),
      body: text ? JSON.parse(text) : undefined,
    };
    asked.push(one);
    const route = routes[`${one.method} ${one.path}`];
    const answer: unknown = await (typeof route === "function"
      ? (route as (asked: Asked) => unknown)(one)
      : route);
    if (answer === undefined) return refuse(new Refusal(404, { title: "Not found", code: "not_found" }));
    if (answer instanceof Refusal) return refuse(answer);
    if (answer === null) return new Response(null, { status: 204 });
    return Response.json(answer);
  });
  return {
    asked,
    asks: (method: string, path: string) => asked.filter((one) => one.method === method && one.path === path),
  };
}

function refuse({ status, problem }: Refusal): Response {
  return new Response(JSON.stringify({ type: "about:blank", status, ...problem }), {
    status,
    headers: { "content-type": "application/problem+json" },
  });
}
