import type { Compression, Job, JobStatus, JsonFormat } from "./api/types";

/** The states, as a person calls them. */
export const STATUS_NAMES: Readonly<Record<JobStatus, string>> = {
  PENDING: "Waiting",
  RUNNING: "Converting",
  COMPLETED: "Ready",
  FAILED: "Failed",
};

const BUSY_MS = 2_000;
const IDLE_MS = 20_000;
const ARRIVES_WITHIN_MS = 30 * 60_000;

export function isOver(status: JobStatus): boolean {
  return status === "COMPLETED" || status === "FAILED";
}

/** Whether a job still waits for a file that was cancelled, or takes very long. */
export function isWithoutFile(job: Pick<Job, "status" | "createdAt">, now: number): boolean {
  return job.status === "PENDING" && now - Date.parse(job.createdAt) > ARRIVES_WITHIN_MS;
}

/** How long a list may be left alone: short while something in it moves. */
export function refreshEvery(jobs: readonly Pick<Job, "status" | "createdAt">[], now: number): number {
  return jobs.some((job) => !isOver(job.status) && !isWithoutFile(job, now)) ? BUSY_MS : IDLE_MS;
}

/** `NDJSON`, `JSON array, gzip`. */
export function outputName(format: JsonFormat, compression: Compression): string {
  return (format === "ndjson" ? "NDJSON" : "JSON array") + (compression === "gzip" ? ", gzip" : "");
}

/** The jobs that ended between two looks at the list. A job seen for the first time is no news. */
export function newlyEnded(before: readonly Job[], now: readonly Job[]): Job[] {
  const running = new Set(before.filter((job) => !isOver(job.status)).map((job) => job.jobId));
  return now.filter((job) => isOver(job.status) && running.has(job.jobId));
}

/** The sentence that a screen reader says, and a notice shows. */
export function newsOf(job: Pick<Job, "fileName" | "status">): string {
  return job.status === "COMPLETED" ? `${job.fileName} is ready` : `${job.fileName} could not be converted`;
}

/** A last page that names the next holds the token of it. */
export function withoutDoubles(jobs: readonly Job[]): Job[] {
  return [...new Map(jobs.map((job) => [job.jobId, job])).values()];
}
