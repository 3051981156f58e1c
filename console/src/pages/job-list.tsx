import { type ReactNode, useState } from "react";
import { Link } from "wouter";
import type { Job, JobStatus } from "../api/types";
import { bytes, counted, duration } from "../format";
import { outputName, STATUS_NAMES } from "../jobs";
import { useJobs } from "../queries";
import { Icon } from "../ui/icons";
import { Empty, Loading, Problem } from "../ui/message";
import { Progress } from "../ui/progress";
import { StatusPill } from "../ui/status";
import { When } from "../ui/when";
import { useAllUploads } from "../upload/provider";

const FILTERS: readonly (JobStatus | undefined)[] = [undefined, "PENDING", "RUNNING", "COMPLETED", "FAILED"];

/** The caller's conversions, newest first. */
export function JobList(): ReactNode {
  const [filter, setFilter] = useState<JobStatus | undefined>();
  const uploads = useAllUploads();
  const query = useJobs(filter);
  // What is still being uploaded is in the list above.
  const uploading = new Set(uploads.map((upload) => upload.ticket?.jobId));
  const jobs = query.data?.filter((job) => !uploading.has(job.jobId));

  return (
    <section aria-labelledby="jobs-heading">
      <div className="section-head">
        <h2 id="jobs-heading">Your conversions</h2>
        <div className="segments" role="group" aria-label="Show">
          {FILTERS.map((status) => (
            <button
              key={status ?? "all"}
              type="button"
              aria-pressed={filter === status}
              onClick={() => {
                setFilter(status);
              }}
            >
              {status === undefined ? "All" : STATUS_NAMES[status]}
            </button>
          ))}
        </div>
      </div>
      {query.error !== null && <Problem error={query.error} onRetry={() => void query.refetch()} />}
      {jobs === undefined && query.error === null && <Loading what="your conversions" />}
      {jobs?.length === 0 && <NoJobs filter={filter} />}
      {jobs !== undefined && jobs.length > 0 && (
        <ul className="rows card" aria-label="Conversions">
          {jobs.map((job) => (
            <JobRow key={job.jobId} job={job} />
          ))}
        </ul>
      )}
      {query.hasNextPage && (
        <button
          type="button"
          className="button button-more"
          disabled={query.isFetchingNextPage}
          onClick={() => void query.fetchNextPage()}
        >
          Show older ones
        </button>
      )}
    </section>
  );
}

function NoJobs({ filter }: { readonly filter: JobStatus | undefined }): ReactNode {
  if (filter !== undefined) {
    return (
      <Empty icon="archive" title={`None is “${STATUS_NAMES[filter]}”`}>
        Choose “All” to see every conversion.
      </Empty>
    );
  }
  return (
    <Empty icon="file" title="No conversions yet">
      Drop a Parquet file above. It appears here and tells you when it is ready.
    </Empty>
  );
}

function JobRow({ job }: { readonly job: Job }): ReactNode {
  return (
    <li className="row job-row">
      <span className="row-sign">
        <Icon name="file" />
      </span>
      <div className="row-main">
        <Link href={`/jobs/${job.jobId}`} className="row-name row-link">
          {job.fileName}
        </Link>
        {job.status === "RUNNING" && <Progress label={`Conversion of ${job.fileName}`} percent={job.progress} />}
        {job.status === "FAILED" && <p className="row-problem">{job.errorMessage}</p>}
        <span className="row-facts">
          {factsOf(job).map((fact) => (
            <span key={fact} className="fact">
              {fact}
            </span>
          ))}
        </span>
      </div>
      <span className="row-when">
        <When at={job.createdAt} />
      </span>
      <span className="row-status">
        <StatusPill job={job} />
      </span>
    </li>
  );
}

function factsOf(job: Job): string[] {
  return [
    ...(job.status === "RUNNING" ? [`${job.progress} %`] : []),
    outputName(job.format, job.compression),
    ...(job.rows === null ? [] : [counted(job.rows, "row")]),
    ...(job.outputBytes === null ? [] : [bytes(job.outputBytes)]),
    ...(job.status === "COMPLETED" && job.processingTime !== null ? [`took ${duration(job.processingTime)}`] : []),
  ];
}
