import { describe, expect, test, vi } from "vitest";
import { ExportApi } from "../src/api/client";
import { ApiError, SESSION_ENDED, UNREACHABLE } from "../src/api/errors";
import { formOf, refusal } from "../src/api/send-file";
import { ORIGIN, signedIn, thrownBy, tokens } from "./helpers";

function answering(...answers: Response[]): { send: typeof fetch; asked: Request[] } {
  const asked: Request[] = [];
  const send: typeof fetch = (input, init) => {
    asked.push(new Request(input, init));
    return Promise.resolve(answers.shift() ?? new Response(null, { status: 500 }));
  };
  return { send, asked };
}

describe("tokens", () => {
  test("a refused token is renewed, and the request repeated once", async () => {
    const { send, asked } = answering(Response.json({}, { status: 401 }), Response.json({ jobs: [], nextToken: null }));
    await new ExportApi(ORIGIN, tokens(), send).jobs({});
    expect(asked.map((request) => request.headers.get("Authorization"))).toEqual(["Bearer first", "Bearer second"]);
  });

  test("a refusal that the browser hides is taken for one", async () => {
    const { send, asked } = answering(Response.json({ jobs: [], nextToken: null }));
    let isFirst = true;
    const hidden: typeof fetch = (input, init) => {
      if (!isFirst) return send(input, init);
      isFirst = false;
      return Promise.reject(new TypeError("Failed to fetch"));
    };
    await new ExportApi(ORIGIN, tokens(), hidden).jobs({});
    expect(asked.map((request) => request.headers.get("Authorization"))).toEqual(["Bearer second"]);
  });

  test("a renewed token that is refused too ends the session", async () => {
    const expire = vi.fn();
    const { send, asked } = answering(new Response(null, { status: 401 }), new Response(null, { status: 401 }));
    const error = await thrownBy(() => new ExportApi(ORIGIN, tokens({ expire }), send).jobs({}));
    expect(error).toEqual(new ApiError(401, "unauthorized", SESSION_ENDED));
    expect(expire).toHaveBeenCalledOnce();
    expect(asked).toHaveLength(2);
  });
});

describe("errors", () => {
  test.each([
    [Response.json({ error: { code: "too_large", message: "Split it." } }, { status: 413 }), "too_large", "Split it."],
    // Of the gateway itself, which has another form.
    [Response.json({ message: "Forbidden" }, { status: 403 }), "unknown", "Your account may not see this."],
    [new Response("<html>", { status: 502 }), "unknown", "Something went wrong in the service. Try again in a moment."],
  ])("%j becomes a sentence", async (response, code, message) => {
    const { send } = answering(response);
    const error = await thrownBy(() => new ExportApi(ORIGIN, tokens(), send).job("a"));
    expect(error).toMatchObject({ code, message, status: response.status });
  });

  test("no answer is told from a bad one", async () => {
    const api = new ExportApi(ORIGIN, tokens(), () => Promise.reject(new TypeError("Failed to fetch")));
    expect(await thrownBy(() => api.job("a"))).toMatchObject({ status: 0, message: UNREACHABLE, isPassing: true });
  });

  test("a request that was given up is no error of the service", async () => {
    const abort = new AbortController();
    abort.abort();
    const send: typeof fetch = (_, init) => Promise.reject(init?.signal?.reason as Error);
    const error = await thrownBy(() => new ExportApi(ORIGIN, tokens(), send).job("a", abort.signal));
    expect(error).toMatchObject({ name: "AbortError" });
  });

  test.each([
    [0, true],
    [400, false],
    [404, false],
    [429, true],
    [503, true],
  ])("status %d may pass: %s", (status, isPassing) => {
    expect(new ApiError(status, "code", "message").isPassing).toBe(isPassing);
  });
});

describe("addresses", () => {
  test("what is not asked for is left out, and names are escaped", async () => {
    const answers = [1, 2, 3].map(() => Response.json({}));
    const { send, asked } = answering(...answers);
    const api = new ExportApi(`${ORIGIN}/api/`, tokens(), send);
    await api.jobs({ status: "FAILED", limit: 5, nextToken: undefined });
    await api.job("a/../b");
    await api.pipelineFiles("2026-11-21", "t=1");
    expect(asked.map((request) => request.url)).toEqual([
      `${ORIGIN}/api/jobs?status=FAILED&limit=5`,
      `${ORIGIN}/api/job-status/a%2F..%2Fb`,
      `${ORIGIN}/api/pipeline/outputs?date=2026-11-21&nextToken=t%3D1`,
    ]);
  });
});

test("each user sees their own jobs only", async () => {
  const ada = await signedIn();
  const [first] = (await ada.api.jobs({})).jobs;
  const ben = await signedIn("ben@example.com", "Correct-horse-8");
  expect((await ben.api.jobs({})).jobs).toEqual([]);
  expect(await thrownBy(() => ben.api.job(first?.jobId ?? ""))).toMatchObject({ status: 404 });
  expect(await thrownBy(() => ben.api.pipeline())).toMatchObject({ status: 403 });
});

describe("the upload form", () => {
  test("holds the file last, because S3 reads no field behind it", () => {
    const ticket = { jobId: "a", message: "", uploadUrl: ORIGIN, uploadFields: { key: "uploads/a/x.parquet", policy: "p" } };
    const form = formOf(ticket, new File(["PAR1"], "x.parquet"));
    expect([...form.keys()]).toEqual(["key", "policy", "file"]);
  });

  test.each([
    ["<Error><Code>EntityTooLarge</Code></Error>", "EntityTooLarge", /too large/],
    ["<Error><Code>AccessDenied</Code></Error>", "AccessDenied", /time to upload/],
    ["", "unknown", /did not take/],
  ])("a refusal %j becomes a sentence", (xml, code, message) => {
    const error = refusal(403, xml);
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
  });
});
