import type { Problem, ProblemField } from "./types";

/** Every failed call throws this: what happened, where, and what can be done about it. */
export class ApiProblem extends Error {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly errors: ProblemField[];
  readonly body: Problem;

  constructor(body: Problem) {
    super(body.detail || body.title);
    this.name = "ApiProblem";
    this.body = body;
    this.status = body.status;
    this.code = body.code;
    this.title = body.title;
    this.detail = body.detail ?? "";
    this.errors = body.errors ?? [];
  }

  /** The message for one field of a form, by the last part of the path. */
  fieldMessage(field: string): string | undefined {
    return this.errors.find((error) => error.path === field || error.path.endsWith(`.${field}`))?.message;
  }
}

export function unreachable(): ApiProblem {
  return new ApiProblem({
    type: "about:blank",
    status: 0,
    code: "unreachable",
    title: "The server did not answer",
    detail: "Nothing was changed. Check that Penstock is running and that you are online, then try again.",
  });
}

/** Reads the problem out of a failed answer, also when something in between answered in another form. */
export async function problemFrom(response: Response): Promise<ApiProblem> {
  const type = response.headers.get("content-type") ?? "";
  if (type.includes("json")) {
    try {
      const body = (await response.json()) as Partial<Problem>;
      if (typeof body.title === "string") {
        return new ApiProblem({
          type: "about:blank",
          code: "unknown",
          ...body,
          title: body.title,
          status: response.status,
        });
      }
    } catch {
      // It said JSON and was none: told below by its status alone.
    }
  }
  return new ApiProblem({
    type: "about:blank",
    status: response.status,
    code: "unexpected_answer",
    title: `The server answered ${response.status}`,
    detail:
      response.status >= 500
        ? "The fault is on the server's side; its log says more. Try again in a moment."
        : "The answer had no explanation. Reload the page and try again.",
  });
}

export function asProblem(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error;
  return new ApiProblem({
    type: "about:blank",
    status: 0,
    code: "browser_error",
    title: "This page ran into a fault",
    detail: error instanceof Error ? error.message : String(error),
  });
}
