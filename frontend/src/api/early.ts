declare global {
  interface Window {
    /** Set by public/boot.js: answers by path, and the project in whose name they were asked for. */
    penstockEarly?: { project: string | null; answers: Record<string, Promise<Response | undefined>> };
  }
}

/** What the page asked for before the app was loaded; each answer is handed out once. */
export async function earlyAnswer(request: Request): Promise<Response | undefined> {
  const early = window.penstockEarly;
  const { pathname, search } = new URL(request.url);
  if (!early || request.method !== "GET" || search !== "") return undefined;
  const answer = early.answers[pathname];
  delete early.answers[pathname];
  const sameProject = request.headers.get("X-Penstock-Project") === early.project;
  return sameProject ? answer : undefined;
}
