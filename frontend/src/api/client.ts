import { problemFrom, unreachable } from "./problem";

export type QueryValue = string | number | boolean | null | undefined;

export interface RequestOptions {
  query?: Record<string, QueryValue>;
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

const ROOT = "/api/v1";
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

export function apiUrl(path: string, query: Record<string, QueryValue> = {}): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== "") search.append(key, String(value));
  }
  const text = search.toString();
  return `${ROOT}${path}${text ? `?${text}` : ""}`;
}

function headersFor(method: string, options: RequestOptions): Record<string, string> {
  const headers: Record<string, string> = { Accept: "application/json", ...options.headers };
  if (options.body !== undefined) headers["Content-Type"] = "application/json";
  if (method !== "GET") headers["X-CSRFToken"] = currentCsrfToken();
  const project = chosenProject();
  if (project) headers["X-Penstock-Project"] = project;
  return headers;
}

async function request<Answer>(method: string, path: string, options: RequestOptions = {}): Promise<Answer> {
  let response: Response;
  try {
    response = await fetch(apiUrl(path, options.query), {
      method,
      headers: headersFor(method, options),
      body: options.body === undefined ? undefined : JSON.stringify(options.body),
      credentials: "same-origin",
      signal: options.signal,
    });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw unreachable();
  }
  if (!response.ok) throw await problemFrom(response);
  if (response.status === 204) return undefined as Answer;
  return (await response.json()) as Answer;
}

export const api = {
  get: <Answer>(path: string, options?: RequestOptions) => request<Answer>("GET", path, options),
  post: <Answer>(path: string, body?: unknown, options?: RequestOptions) =>
    request<Answer>("POST", path, { ...options, body: body ?? {} }),
  put: <Answer>(path: string, body: unknown, options?: RequestOptions) =>
    request<Answer>("PUT", path, { ...options, body }),
  delete: (path: string, options?: RequestOptions) => request<void>("DELETE", path, options),
};
