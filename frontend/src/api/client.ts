import createClient, { type Middleware } from "openapi-fetch";

import { earlyAnswer } from "./early";
import { problemFrom, unreachable } from "./problem";
import type { paths } from "./schema";

const PROJECT_KEY = "penstock.project";

let csrfToken = "";

export function rememberCsrfToken(token: string) {
  csrfToken = token;
}

/** The cookie is what the server compares with, and another tab may have renewed it. */
function currentCsrfToken(): string {
  const cookie = document.cookie.split("; ").find((part) => part.startsWith("csrftoken="));
  return cookie ? decodeURIComponent(cookie.slice("csrftoken=".length)) : csrfToken;
}

export function chosenProject(): string | null {
  return localStorage.getItem(PROJECT_KEY);
}

export function chooseProject(id: string | null) {
  if (id) localStorage.setItem(PROJECT_KEY, id);
  else localStorage.removeItem(PROJECT_KEY);
}

const ours: Middleware = {
  onRequest({ request }) {
    if (request.method !== "GET") request.headers.set("X-CSRFToken", currentCsrfToken());
    const project = chosenProject();
    if (project) request.headers.set("X-Penstock-Project", project);
    return request;
  },
  async onResponse({ response }) {
    if (!response.ok) throw await problemFrom(response);
  },
  onError({ error }) {
    // Whoever asked gave up: no fault of the server's.
    if (error instanceof DOMException && error.name === "AbortError") return;
    return unreachable();
  },
};

/** Typed by the server's own description: a path, parameter or body that it does not know fails the build. */
export const client = createClient<paths>({
  fetch: async (request) => (await earlyAnswer(request)) ?? fetch(request),
});
client.use(ours);

/** The answer's body. What is no success has become a problem before it comes here. */
export async function answer<Body>(call: Promise<{ data?: Body }>): Promise<Body> {
  return (await call).data as Body;
}

/** Where the browser's own EventSource listens; it sends the session's cookie by itself. */
export const streamUrl = (runId: string) => `/api/v1/runs/${encodeURIComponent(runId)}/stream`;
