import type { ReactNode } from "react";
import { Link } from "wouter";
import { ApiError } from "../api/errors";
import type { Job } from "../api/types";
import { bytes, counted, duration, moment, number } from "../format";
import { isWithoutFile, outputName } from "../jobs";
import { useJob } from "../queries";
import { useServices } from "../services";
import { Icon } from "../ui/icons";
import { Loading, Message, Problem } from "../ui/message";
import { useNow } from "../ui/now";
import { Page } from "../ui/page";
import { Progress } from "../ui/progress";
import { StatusPill } from "../ui/status";
import { DownloadButton } from "./download-button";
import { PreviewSection } from "./preview";

/** One conversion, from the upload to the download. */
export function JobPage({ jobId }: { readonly jobId: string }): ReactNode {
  const { config } = useServices();
  const { data: job, error, refetch } = useJob(jobId);
  const isLost = error instanceof ApiError && error.status === 404;

  return (
    <Page
      title={job?.fileName ?? (isLost ? "No such conversion" : "Conversion")}
      intro={job && <StatusPill job={job} />}
      above={
        <Link href="/" className="back">
          <Icon name="back" size={18} /> All conversions
        </Link>
      }
      beside={job?.status === "COMPLETED" && <DownloadButton jobId={jobId} />}
    >
      <p className="visually-hidden" aria-live="polite">
        {job && spoken(job)}
      </p>
      {isLost && (
        <p className="lost">
          It was deleted after {counted(config.retentionDays, "day")}, or it belongs to somebody else.
        </p>
      )}
      {error !== null && !isLost && <Problem error={error} onRetry={() => void refetch()} />}
      {job === undefined && error === null && <Loading what="the conversion" />}
      {job !== undefined && <JobState job={job} />}
    </Page>
  );
}

function JobState({ job }: { readonly job: Job }): ReactNode {
  const now = useNow();
  return (
    <>
      {job.status === "PENDING" && (
        <section className="card stage">
          <Progress label="Conversion" percent={null} />
          <p>
            {isWithoutFile(job, now)
              ? "Its file has not arrived. If the upload was cancelled, upload the file again."
              : "It starts in a moment. You may leave this page: the conversion goes on."}
          </p>
        </section>
      )}
      {job.status === "RUNNING" && (
        <section className="card stage">
          <Progress label="Conversion" percent={job.progress} />
          <p>
            <strong>{job.progress} %</strong>
            {job.rows !== null && <span> · {number(job.rows)} rows so far</span>}
            <span className="stage-note">You may leave this page: the conversion goes on.</span>
          </p>
        </section>
      )}
      {job.status === "FAILED" && (
        <Message
          tone="bad"
          title="This file could not be converted"
          action={
            <Link href="/" className="button">
              Upload another file
            </Link>
          }
        >
          {job.errorMessage ?? "The service did not say why. Try it once more."}
        </Message>
      )}
      <Facts job={job} />
      {job.status === "COMPLETED" && <PreviewSection jobId={job.jobId} />}
    </>
  );
}

function Facts({ job }: { readonly job: Job }): ReactNode {
  const facts: readonly (readonly [string, string | null])[] = [
    ["Output", outputName(job.format, job.compression)],
    ["Rows", job.status === "COMPLETED" && job.rows !== null ? number(job.rows) : null],
    ["Size", job.outputBytes === null ? null : bytes(job.outputBytes)],
    ["Took", job.processingTime === null ? null : duration(job.processingTime)],
    ["Created", moment(job.createdAt)],
  ];
  return (
    <dl className="facts card">
      {facts.map(
        ([name, value]) =>
          value !== null && (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ),
      )}
    </dl>
  );
}

/** In quarters, so that a screen reader is not made to speak without end. */
function spoken(job: Job): string {
  switch (job.status) {
    case "PENDING":
      return "Waiting to start";
    case "RUNNING":
      return job.progress < 25 ? "Converting" : `${Math.floor(job.progress / 25) * 25} percent converted`;
    case "COMPLETED":
      return "Ready to download";
    case "FAILED":
      return "Failed";
  }
}
