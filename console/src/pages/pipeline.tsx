import type { ReactNode } from "react";
import { ApiError } from "../api/errors";
import type { Manifest, PipelineState } from "../api/types";
import { bytes, counted, number } from "../format";
import { manifestState, reasonName } from "../pipeline";
import { usePipeline } from "../queries";
import { Empty, Loading, Problem } from "../ui/message";
import { Page } from "../ui/page";
import { Pill } from "../ui/status";
import { When } from "../ui/when";
import { Today } from "./pipeline-today";

/** How the pipeline from NDJSON to Parquet is doing; nothing can be changed here. */
export function PipelinePage(): ReactNode {
  const { data: state, error, refetch } = usePipeline();
  const isForbidden = error instanceof ApiError && error.status === 403;
  return (
    <Page
      title="Pipeline"
      intro="NDJSON files that land become Parquet. This page shows how that is going, and refreshes itself."
      beside={state && <AsOf at={state.asOf} />}
    >
      {error !== null && <Problem error={error} {...(isForbidden ? {} : { onRetry: () => void refetch() })} />}
      {state === undefined && error === null && <Loading what="the pipeline" />}
      {state !== undefined && !isForbidden && <State state={state} />}
    </Page>
  );
}

function AsOf({ at }: { readonly at: string }): ReactNode {
  return (
    <p className="as-of">
      <span className="live-dot" aria-hidden="true" />
      As of <time dateTime={at}>{new Date(at).toLocaleTimeString("en-GB")}</time>
    </p>
  );
}

function State({ state }: { readonly state: PipelineState }): ReactNode {
  return (
    <>
      <Today today={state.today} oldestPendingSeconds={state.oldestPendingSeconds} />
      {state.failures.length > 0 && <Failures failures={state.failures} />}
      <Manifests manifests={state.manifests} />
      <Quarantine state={state} />
      {state.isCut && (
        <p className="section-note">So much is going on that some of it is left out here: the command line shows all.</p>
      )}
    </>
  );
}

function Failures({ failures }: { readonly failures: readonly Manifest[] }): ReactNode {
  return (
    <section aria-labelledby="failures-heading">
      <h2 id="failures-heading">Failures</h2>
      <ul className="rows card">
        {failures.map((manifest) => (
          <li key={manifest.batchId} className="row">
            <div className="row-main">
              <span className="row-name mono">{manifest.batchId}</span>
              <p className="row-problem">{manifest.errorMessage ?? "No reason was recorded."}</p>
              <span className="row-facts">
                {counted(manifest.fileCount, "file")} of {manifest.datePrefix}
              </span>
            </div>
            <span className="row-when">
              <When at={manifest.updatedAt} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Manifests({ manifests }: { readonly manifests: readonly Manifest[] }): ReactNode {
  return (
    <section aria-labelledby="manifests-heading">
      <h2 id="manifests-heading">Recent batches</h2>
      {manifests.length === 0 ? (
        <Empty icon="archive" title="No batches yet">
          Files that land are collected, and converted together.
        </Empty>
      ) : (
        <div className="table-frame card" role="region" aria-label="Table of recent batches" tabIndex={0}>
          <table className="table">
            <thead>
              <tr>
                <th scope="col">Batch</th>
                <th scope="col">Day</th>
                <th scope="col">State</th>
                <th scope="col" className="figure">
                  Files
                </th>
                <th scope="col" className="figure">
                  Size
                </th>
                <th scope="col" className="figure">
                  Rows
                </th>
                <th scope="col" className="figure">
                  Rejected
                </th>
                <th scope="col">Last change</th>
              </tr>
            </thead>
            <tbody>
              {manifests.map((manifest) => (
                <ManifestRow key={manifest.batchId} manifest={manifest} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function ManifestRow({ manifest }: { readonly manifest: Manifest }): ReactNode {
  const { name, tone } = manifestState(manifest.status);
  return (
    <tr>
      <th scope="row" className="mono">
        {manifest.batchId}
      </th>
      <td>{manifest.datePrefix}</td>
      <td>
        <Pill tone={tone}>{name}</Pill>
      </td>
      <td className="figure">{number(manifest.fileCount)}</td>
      <td className="figure">{bytes(manifest.totalBytes)}</td>
      <td className="figure">{figure(manifest.rows)}</td>
      <td className={manifest.rejected ? "figure figure-bad" : "figure"}>{figure(manifest.rejected)}</td>
      <td>
        <When at={manifest.updatedAt} />
      </td>
    </tr>
  );
}

function figure(value: number | null): string {
  return value === null ? "–" : number(value);
}

function Quarantine({ state }: { readonly state: PipelineState }): ReactNode {
  const most = Math.max(1, ...state.quarantine.map(({ count }) => count));
  return (
    <section aria-labelledby="quarantine-heading">
      <h2 id="quarantine-heading">Quarantine</h2>
      {state.quarantine.length === 0 ? (
        <Empty icon="check" title="Nothing was set aside">
          Every file that landed today is of the right kind and size.
        </Empty>
      ) : (
        <div className="card quarantine">
          <ul className="bars">
            {state.quarantine.map(({ reason, count }) => (
              <li key={reason}>
                <span>{reasonName(reason)}</span>
                <span className="bar-track" aria-hidden="true">
                  <span style={{ inlineSize: `${(100 * count) / most}%` }} />
                </span>
                <strong>{number(count)}</strong>
              </li>
            ))}
          </ul>
          <ul className="rows">
            {state.recentQuarantine.map((file) => (
              <li key={`${file.key} ${file.at}`} className="row">
                <div className="row-main">
                  <span className="row-name mono">{file.key}</span>
                  <span className="row-facts">{reasonName(file.reason)}</span>
                </div>
                <span className="row-when">
                  <When at={file.at} />
                </span>
              </li>
            ))}
          </ul>
        </div>
      )}
    </section>
  );
}
