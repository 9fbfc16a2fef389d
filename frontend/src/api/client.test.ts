import { afterEach, describe, expect, it, vi } from "vitest";

import { Refusal, stubServer } from "@/testing/server";

import { answer, chooseProject, client, rememberCsrfToken, streamUrl } from "./client";
import { ApiProblem } from "./problem";

afterEach(() => {
  document.cookie = "csrftoken=; max-age=0";
  chooseProject(null);
});

const read = (signal?: AbortSignal) => answer(client.GET("/api/v1/session", { signal }));
const write = () => answer(client.PUT("/api/v1/session/password", { body: { new_password: "x" } }));

const failure = async (promise: Promise<unknown>) => {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ApiProblem)) throw new Error("It did not fail as a problem.");
  return error;
};

describe("a request", () => {
  it("fills in its path and leaves empty filters out", async () => {
    const { asked } = stubServer({ "GET /runs": {}, "GET /runs/a%2Fb": {} });
    await client.GET("/api/v1/runs", {
      params: { query: { status: "failed", cursor: undefined, limit: 50 } },
    });
    await client.GET("/api/v1/runs/{run_id}", { params: { path: { run_id: "a/b" } } });
    expect(asked.map((one) => `${one.path}?${one.query}`)).toEqual([
      "/runs?status=failed&limit=50",
      "/runs/a%2Fb?",
    ]);
    expect(streamUrl("a/b")).toBe("/api/v1/runs/a%2Fb/stream");
  });

  it("sends the CSRF token only with unsafe methods", async () => {
    const { asked } = stubServer({ "GET /session": {}, "PUT /session/password": null });
    rememberCsrfToken("from-session");
    await read();
    await write();
    expect(asked.map((one) => one.headers["x-csrftoken"])).toEqual([undefined, "from-session"]);
  });

  it("prefers the cookie's token, which another tab may have renewed", async () => {
    const { asked } = stubServer({ "PUT /session/password": null });
    rememberCsrfToken("old");
    document.cookie = "csrftoken=new";
    await write();
    expect(asked[0]!.headers["x-csrftoken"]).toBe("new");
  });

  it("names the chosen project", async () => {
    const { asked } = stubServer({ "GET /session": {} });
    chooseProject("prj_2");
    await read();
    expect(asked[0]!.headers["x-penstock-project"]).toBe("prj_2");
  });
});

describe("a failure", () => {
  it("carries the server's problem", async () => {
    const errors = [{ path: "nodes[0].data.url", code: "missing", message: "Give an address." }];
    stubServer({
      "GET /session": new Refusal(422, { title: "Invalid", code: "invalid", detail: "Two faults", errors }),
    });
    const problem = await failure(read());
    expect(problem).toMatchObject({ status: 422, code: "invalid", message: "Two faults", errors });
    expect(problem.fieldMessage("url")).toBe("Give an address.");
    expect(problem.fieldMessage("name")).toBeUndefined();
  });

  it("is told by its status when something in between answered", async () => {
    vi.stubGlobal("fetch", async () => new Response("<h1>Bad gateway</h1>", { status: 502 }));
    expect(await failure(read())).toMatchObject({ status: 502, code: "unexpected_answer" });
  });

  it("says so when nobody answers", async () => {
    vi.stubGlobal("fetch", async () => {
      throw new TypeError("Failed to fetch");
    });
    expect(await failure(read())).toMatchObject({ status: 0, code: "unreachable" });
  });

  it("is no problem when the caller gave up itself", async () => {
    vi.stubGlobal("fetch", async () => {
      throw new DOMException("Aborted", "AbortError");
    });
    await expect(read(new AbortController().signal)).rejects.toMatchObject({ name: "AbortError" });
  });
});
