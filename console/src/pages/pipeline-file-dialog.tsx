import { type ReactNode, useId, useState } from "react";
import { useLocation } from "wouter";
import type { OutputOptions, PipelineFile } from "../api/types";
import { bytes } from "../format";
import { outputName } from "../jobs";
import { usePipelineFiles } from "../queries";
import { useServices } from "../services";
import { Dialog } from "../ui/dialog";
import { Icon } from "../ui/icons";
import { Empty, Loading, Problem } from "../ui/message";
import { When } from "../ui/when";

/** Converts a file that the pipeline wrote, without an upload. */
export function PipelineFileDialog({ options }: { readonly options: OutputOptions }): ReactNode {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <button
        type="button"
        className="button"
        onClick={() => {
          setOpen(true);
        }}
      >
        <Icon name="folder" size={18} />
        Pick a file of the pipeline
      </button>
      <Dialog
        title="Files of the pipeline"
        isOpen={isOpen}
        onClose={() => {
          setOpen(false);
        }}
      >
        <FilesOfADay options={options} />
      </Dialog>
    </>
  );
}

function FilesOfADay({ options }: { readonly options: OutputOptions }): ReactNode {
  const [date, setDate] = useState(() => new Date().toISOString().slice(0, 10));
  const id = useId();
  const query = usePipelineFiles(date);
  return (
    <>
      <div className="field">
        <label htmlFor={id}>Day</label>
        <input
          id={id}
          type="date"
          value={date}
          required
          onChange={(event) => {
            setDate(event.target.value);
          }}
        />
      </div>
      <p className="hint">
        A file becomes <strong>{outputName(options.format, options.compression)}</strong>, as chosen beside the button.
      </p>
      {query.error !== null && <Problem error={query.error} onRetry={() => void query.refetch()} />}
      {query.isLoading && <Loading what="the files" />}
      {query.data?.length === 0 && (
        <Empty icon="folder" title="No files of this day">
          The pipeline wrote nothing for it, or not yet. Choose another day.
        </Empty>
      )}
      {query.data !== undefined && query.data.length > 0 && <FileRows files={query.data} options={options} />}
      {query.hasNextPage && (
        <button type="button" className="button" onClick={() => void query.fetchNextPage()}>
          Show more
        </button>
      )}
    </>
  );
}

interface FileRowsProps {
  readonly files: readonly PipelineFile[];
  readonly options: OutputOptions;
}

function FileRows({ files, options }: FileRowsProps): ReactNode {
  const { api, queries } = useServices();
  const [, navigate] = useLocation();
  const [starting, setStarting] = useState<string | null>(null);
  const [problem, setProblem] = useState<unknown>(null);

  const convert = async (s3Key: string): Promise<void> => {
    setStarting(s3Key);
    setProblem(null);
    try {
      const { jobId } = await api.startJob({ s3Key, ...options });
      void queries.invalidateQueries({ queryKey: ["jobs"] });
      navigate(`/jobs/${jobId}`);
    } catch (error) {
      setProblem(error);
      setStarting(null);
    }
  };

  return (
    <>
      {problem !== null && <Problem error={problem} />}
      <ul className="rows">
        {files.map((file) => (
          <li key={file.s3Key} className="row">
            <div className="row-main">
              <span className="row-name">{file.s3Key.split("/").at(-1)}</span>
              <span className="row-facts">
                {bytes(file.size)} · <When at={file.lastModified} />
              </span>
            </div>
            <button
              type="button"
              className="button"
              aria-label={`Convert ${file.s3Key.split("/").at(-1) ?? ""}`}
              disabled={starting !== null}
              onClick={() => void convert(file.s3Key)}
            >
              Convert
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}
