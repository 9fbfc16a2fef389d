import { afterEach, expect, it } from "vitest";

import { earlyAnswer } from "./early";

const asked = (path: string, project?: string) =>
  new Request(`http://penstock.test/api/v1/${path}`, {
    headers: project ? { "X-Penstock-Project": project } : {},
  });

function readAhead(project: string | null) {
  const session = new Response("{}");
  window.penstockEarly = { project, answers: { "/api/v1/session": Promise.resolve(session) } };
  return session;
}

afterEach(() => delete window.penstockEarly);

it("hands out an answer once", async () => {
  const session = readAhead(null);
  expect(await earlyAnswer(asked("session"))).toBe(session);
  expect(await earlyAnswer(asked("session"))).toBeUndefined();
});

it("has none for what was not asked for, and none that another project was given", async () => {
  expect(await earlyAnswer(asked("session"))).toBeUndefined();
  readAhead("p_1");
  expect(await earlyAnswer(asked("components", "p_1"))).toBeUndefined();
  expect(await earlyAnswer(asked("session?fresh=1", "p_1"))).toBeUndefined();
  expect(await earlyAnswer(asked("session", "p_2"))).toBeUndefined();
});
