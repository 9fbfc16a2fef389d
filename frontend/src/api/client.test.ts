import { afterEach, describe, expect, it, vi } from "vitest";

import { Refusal, stubServer } from "@/testing/server";

import { api, apiUrl, chooseProject, rememberCsrfToken } from "./client";
import { ApiProblem } from "./problem";

afterEach(() => {
  document.cookie = "csrftoken=; max-age=0";
  chooseProject(null);
});

const failure = async (promise: Promise<unknown>) => {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ApiProblem)) throw new Error("It did not fail as a problem.");
  return error;
};

describe("a request", () => {
  it("leaves empty filters out of the address", () => {
    expect(apiUrl("/runs", { status: "failed", trigger: "", cursor: null, limit: 50 })).toBe(
      "/api/v1/runs?status=failed&limit=50",
    );
  });

  it("sends the CSRF token only with unsafe methods", async () => {
    const { asked } = stubServer({ "GET /x": {}, "POST /x": {} });
    rememberCsrfToken("from-session");
    await api.get("/x");
    await api.post("/x");
    expect(asked.map((one) => one.headers["X-CSRFToken"])).toEqual([undefined, "from-session"]);
  });

  it("prefers the cookie's token, which another tab may have renewed", async () => {
    const { asked } = stubServer({ "POST /x": {} });
    rememberCsrfToken("old");
    document.cookie = "csrftoken=new";
    await api.post("/x");
    expect(asked[0]!.headers["X-CSRFToken"]).toBe("new");
  });

  it("names the chosen project", async () => {
    const { asked } = stubServer({ "GET /x": {} });
    chooseProject("prj_2");
    await api.get("/x");
    expect(asked[0]!.headers["X-Penstock-Project"]).toBe("prj_2");
  });
});

describe("a failure", () => {
  it("carries the server's problem", async () => {
    const errors = [{ path: "nodes[0].data.url", code: "missing", message: "Give an address." }];
    stubServer({
      "POST /x": new Refusal(422, { title: "Invalid", code: "invalid", detail: "Two faults", errors }),
    });
    const problem = await failure(api.post("/x"));
    expect(problem).toMatchObject({ status: 422, code: "invalid", message: "Two faults", errors });
    expect(problem.fieldMessage("url")).toBe("Give an address.");
    expect(problem.fieldMessage("name")).toBeUndefined();
  });

  it("is told by its status when something in between answered", async () => {
    vi.stubGlobal("fetch", async () => new Response("<h1>Bad gateway</h1>", { status: 502 }));
    expect(await failure(api.get("/x"))).toMatchObject({ status: 502, code: "unexpected_answer" });
  });

  it("says so when nobody answers", async () => {
    vi.stubGlobal("fetch", async () => {
      throw new TypeError("Failed to fetch");
    });
    expect(await failure(api.get("/x"))).toMatchObject({ status: 0, code: "unreachable" });
  });

  it("is no problem when the caller gave up itself", async () => {
    const given = new AbortController();
    vi.stubGlobal("fetch", async () => {
      given.abort();
      throw new DOMException("Aborted", "AbortError");
    });
    await expect(api.get("/x", { signal: given.signal })).rejects.toMatchObject({ name: "AbortError" });
  });
});
