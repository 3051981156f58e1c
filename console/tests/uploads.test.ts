import { describe, expect, test, vi } from "vitest";
import { ApiError } from "../src/api/errors";
import type { SendFile } from "../src/api/send-file";
import { problemOf } from "../src/upload/parquet-file";
import { type Held, holding } from "./helpers";
import { type Surroundings, Uploads } from "../src/upload/uploads";

const OPTIONS = { format: "ndjson", compression: "none" } as const;
const file = (name = "a.parquet"): File => new File(["PAR1....PAR1"], name);
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

function surroundings(change: Partial<Surroundings> = {}): Surroundings & { started: string[] } {
  const started: string[] = [];
  let jobs = 0;
  return {
    api: {
      requestUpload: () => {
        jobs += 1;
        return Promise.resolve({ jobId: `job-${jobs}`, message: "", uploadUrl: "", uploadFields: {} });
      },
      startJob: () => Promise.resolve({ jobId: "", status: "PENDING", message: "" }),
    },
    send: () => Promise.resolve(),
    problemOf: () => Promise.resolve(null),
    onStarted: (jobId) => started.push(jobId),
    started,
    ...change,
  };
}

/** Sends that end when they are told to. */
function heldSends(): { send: SendFile; held: Held<void>[] } {
  const held: Held<void>[] = [];
  const send: SendFile = (_ticket, _file, _progress, signal) => {
    const one: Held<void> = holding();
    signal.addEventListener("abort", () => {
      one.reject(new DOMException("", "AbortError"));
    });
    held.push(one);
    return one.promise;
  };
  return { send, held };
}

test("a file is sent, its job started, and leaves the list", async () => {
  const outside = surroundings();
  const uploads = new Uploads(outside);
  uploads.add([file()], OPTIONS);
  await settled();
  expect(outside.started).toEqual(["job-1"]);
  expect(uploads.all()).toEqual([]);
});

test("two are sent at once, and the next when one has ended", async () => {
  const { send, held } = heldSends();
  const uploads = new Uploads(surroundings({ send }));
  uploads.add([file("a.parquet"), file("b.parquet"), file("c.parquet")], OPTIONS);
  await settled();
  expect(uploads.all().map((upload) => upload.phase)).toEqual(["sending", "sending", "waiting"]);
  held[0]?.resolve();
  await settled();
  expect(uploads.all().map((upload) => [upload.file.name, upload.phase])).toEqual([
    ["b.parquet", "sending"],
    ["c.parquet", "sending"],
  ]);
});

test("progress is in bytes of the file", async () => {
  const uploads = new Uploads(
    surroundings({
      send: (_ticket, _file, onProgress) => {
        onProgress(7);
        return new Promise(() => undefined);
      },
    }),
  );
  uploads.add([file()], OPTIONS);
  await settled();
  expect(uploads.all()[0]?.sent).toBe(7);
});

test("what is no Parquet file is refused before anything is asked for", async () => {
  const outside = surroundings({ problemOf: () => Promise.resolve("No Parquet.") });
  const requestUpload = vi.spyOn(outside.api, "requestUpload");
  const uploads = new Uploads(outside);
  uploads.add([file("notes.txt")], OPTIONS);
  await settled();
  expect(uploads.all()[0]).toMatchObject({ phase: "failed", problem: "No Parquet.", canRetry: false });
  expect(requestUpload).not.toHaveBeenCalled();
});

test("what is no Parquet file is refused while others are sent", async () => {
  const { send } = heldSends();
  const problem = (one: File): Promise<string | null> => Promise.resolve(one.name.endsWith(".txt") ? "No Parquet." : null);
  const uploads = new Uploads(surroundings({ send, problemOf: problem }));
  uploads.add([file("a.parquet"), file("b.parquet"), file("c.txt")], OPTIONS);
  await settled();
  expect(uploads.all().map((upload) => upload.phase)).toEqual(["sending", "sending", "failed"]);
});

test("an interrupted file is sent again for the same job", async () => {
  const send = vi.fn<SendFile>().mockRejectedValueOnce(new ApiError(0, "upload_interrupted", "Interrupted.")).mockResolvedValueOnce();
  const outside = surroundings({ send });
  const uploads = new Uploads(outside);
  uploads.add([file()], OPTIONS);
  await settled();
  expect(uploads.all()[0]).toMatchObject({ phase: "failed", problem: "Interrupted.", canRetry: true });
  uploads.retry(uploads.all()[0]?.id ?? 0);
  await settled();
  expect(send).toHaveBeenCalledTimes(2);
  expect(outside.started).toEqual(["job-1"]);
});

test("a ticket whose time is over is replaced", async () => {
  const send = vi.fn<SendFile>().mockRejectedValueOnce(new ApiError(403, "AccessDenied", "Over.")).mockResolvedValueOnce();
  const outside = surroundings({ send });
  const uploads = new Uploads(outside);
  uploads.add([file()], OPTIONS);
  await settled();
  uploads.retry(uploads.all()[0]?.id ?? 0);
  await settled();
  expect(outside.started).toEqual(["job-2"]);
});

test("a job that could not be started is started without sending the file again", async () => {
  const send = vi.fn<SendFile>().mockResolvedValue();
  const outside = surroundings({ send });
  vi.spyOn(outside.api, "startJob").mockRejectedValueOnce(new ApiError(401, "unauthorized", "Ended."));
  const uploads = new Uploads(outside);
  uploads.add([file()], OPTIONS);
  await settled();
  expect(uploads.all()[0]).toMatchObject({ phase: "failed", problem: "Ended.", canRetry: true });
  uploads.retry(uploads.all()[0]?.id ?? 0);
  await settled();
  expect(send).toHaveBeenCalledOnce();
  expect(outside.started).toEqual(["job-1"]);
});

test.each([400, 413])("a file refused with %d is not tried again", async (status) => {
  const outside = surroundings();
  vi.spyOn(outside.api, "requestUpload").mockRejectedValue(new ApiError(status, "code", "Refused."));
  const uploads = new Uploads(outside);
  uploads.add([file()], OPTIONS);
  await settled();
  expect(uploads.all()[0]).toMatchObject({ phase: "failed", canRetry: false });
});

test("a cancelled upload stops, starts nothing and makes room", async () => {
  const { send } = heldSends();
  const outside = surroundings({ send });
  const uploads = new Uploads(outside);
  uploads.add([file("a.parquet"), file("b.parquet"), file("c.parquet")], OPTIONS);
  await settled();
  uploads.remove(uploads.all()[0]?.id ?? 0);
  await settled();
  expect(uploads.all().map((upload) => [upload.file.name, upload.phase])).toEqual([
    ["b.parquet", "sending"],
    ["c.parquet", "sending"],
  ]);
  uploads.removeAll();
  await settled();
  expect([uploads.all(), outside.started]).toEqual([[], []]);
});

describe("what a browser sees of a file", () => {
  test("too large a file is refused with both sizes", async () => {
    const large = new File([new Uint8Array(1024 * 1024 + 1)], "orders.parquet");
    expect(await problemOf(large, 1)).toBe("This file has 1.0 MB, and 1 MB is the most that can be uploaded. Split it.");
  });

  test.each([
    ["PAR1 and the rest PAR1", "orders.parquet", null],
    ["PAR1 and the rest PAR1", "ORDERS.PARQUET", null],
    ["PAR1 and the rest PAR1", "orders.csv", /name does not end/],
    ["", "orders.parquet", /empty/],
    ["a,b,c\n1,2,3\n", "orders.parquet", /holds something else/],
    ["PAR1 and the re", "orders.parquet", /not complete/],
    ["PAR1", "orders.parquet", /not complete/],
    ["PARE and the rest PARE", "orders.parquet", /encrypted/],
  ])("%j named %s", async (content, name, problem) => {
    const found = await problemOf(new File([content], name), 1);
    if (problem === null) expect(found).toBeNull();
    else expect(found).toMatch(problem);
  });
});
