import type { ReactNode } from "react";
import { bytes } from "../format";
import { Icon } from "../ui/icons";
import { Progress } from "../ui/progress";
import { useAllUploads, useUploads } from "./provider";
import type { Upload } from "./uploads";

/** The files on their way, and those that did not make it. */
export function UploadList(): ReactNode {
  const all = useAllUploads();
  if (all.length === 0) return null;
  return (
    <section aria-labelledby="uploads-heading">
      <h2 id="uploads-heading">Uploads</h2>
      <ul className="rows card">
        {all.map((upload) => (
          <UploadRow key={upload.id} upload={upload} />
        ))}
      </ul>
    </section>
  );
}

function UploadRow({ upload }: { readonly upload: Upload }): ReactNode {
  const uploads = useUploads();
  const { file, phase, problem } = upload;
  return (
    <li className="row upload-row">
      <span className={phase === "failed" ? "row-sign row-sign-bad" : "row-sign"}>
        <Icon name={phase === "failed" ? "alert" : "upload"} />
      </span>
      <div className="row-main">
        <span className="row-name">{file.name}</span>
        {phase === "failed" ? (
          <p className="row-problem" role="alert">
            {problem}
          </p>
        ) : (
          <>
            <Progress label={`Upload of ${file.name}`} percent={percentOf(upload)} />
            <span className="row-facts">{progressText(upload)}</span>
          </>
        )}
      </div>
      <div className="row-actions">
        {phase === "failed" && upload.canRetry && (
          <button
            type="button"
            className="button"
            onClick={() => {
              uploads.retry(upload.id);
            }}
          >
            Try again
          </button>
        )}
        <button
          type="button"
          className="icon-button"
          aria-label={phase === "failed" ? `Remove ${file.name} from the list` : `Cancel the upload of ${file.name}`}
          onClick={() => {
            uploads.remove(upload.id);
          }}
        >
          <Icon name="close" size={18} />
        </button>
      </div>
    </li>
  );
}

function percentOf({ phase, sent, file }: Upload): number | null {
  if (phase === "sending") return (100 * sent) / file.size;
  return phase === "waiting" ? 0 : null;
}

function progressText({ phase, sent, file }: Upload): string {
  switch (phase) {
    case "waiting":
      return `Waits for its turn · ${bytes(file.size)}`;
    case "checking":
      return `Looking at the file · ${bytes(file.size)}`;
    case "sending":
      return `${bytes(sent)} of ${bytes(file.size)}`;
    default:
      return "Starting the conversion";
  }
}
