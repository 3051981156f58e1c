import { expect, test } from "vitest";
import type { Job, JobStatus } from "../src/api/types";
import { isWithoutFile, newlyEnded, newsOf, outputName, refreshEvery, withoutDoubles } from "../src/jobs";
import { NOW } from "./helpers";

function job(jobId: string, status: JobStatus, minutesAgo = 1): Job {
  const at = new Date(NOW - minutesAgo * 60_000).toISOString();
  return {
    jobId,
    status,
    fileName: `${jobId}.parquet`,
    createdAt: at,
    updatedAt: at,
    processingTime: null,
    errorMessage: null,
    progress: 0,
    rows: null,
    outputBytes: null,
    format: "ndjson",
    compression: "none",
  };
}

test("a list is refreshed often while something in it moves", () => {
  const still = [job("a", "COMPLETED"), job("b", "FAILED")];
  expect(refreshEvery([...still, job("c", "RUNNING")], NOW)).toBeLessThan(refreshEvery(still, NOW));
  expect(refreshEvery([...still, job("c", "PENDING")], NOW)).toBeLessThan(refreshEvery(still, NOW));
});

test("a job whose file never came keeps nothing awake", () => {
  const cancelled = job("a", "PENDING", 31);
  expect(isWithoutFile(cancelled, NOW)).toBe(true);
  expect(isWithoutFile(job("b", "PENDING", 29), NOW)).toBe(false);
  expect(isWithoutFile(job("c", "RUNNING", 31), NOW)).toBe(false);
  expect(refreshEvery([cancelled], NOW)).toBe(refreshEvery([], NOW));
});

test("what ended between two looks is news, once", () => {
  const before = [job("a", "RUNNING"), job("b", "PENDING"), job("c", "COMPLETED")];
  const now = [job("new", "COMPLETED"), job("a", "COMPLETED"), job("b", "FAILED"), job("c", "COMPLETED")];
  expect(newlyEnded(before, now).map(newsOf)).toEqual(["a.parquet is ready", "b.parquet could not be converted"]);
  expect(newlyEnded(now, now)).toEqual([]);
});

test("a job that is on two pages is shown once, as the later page has it", () => {
  expect(withoutDoubles([job("a", "RUNNING"), job("b", "RUNNING"), job("a", "COMPLETED")]).map((one) => one.status)).toEqual([
    "COMPLETED",
    "RUNNING",
  ]);
});

test("outputs have names", () => {
  expect([outputName("ndjson", "none"), outputName("json", "gzip")]).toEqual(["NDJSON", "JSON array, gzip"]);
});
