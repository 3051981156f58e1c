import { type ReactNode, useState } from "react";
import type { OutputOptions } from "../api/types";
import { maySeePipeline } from "../auth/session";
import { useServices } from "../services";
import { Page } from "../ui/page";
import { DropZone } from "../upload/drop-zone";
import { OptionFields } from "../upload/option-fields";
import { useUploads } from "../upload/provider";
import { UploadList } from "../upload/upload-list";
import { JobList } from "./job-list";
import { PipelineFileDialog } from "./pipeline-file-dialog";

/** Where one begins: files in, conversions below. */
export function JobsPage(): ReactNode {
  const { config, signIn } = useServices();
  const uploads = useUploads();
  const [options, setOptions] = useState<OutputOptions>({ format: "ndjson", compression: "none" });
  const state = signIn.state();
  const hasPipeline = state.kind === "signed-in" && maySeePipeline(state.user, config.pipelineGroup);

  return (
    <Page title="Conversions" intro="Drop Parquet files in, get JSON out.">
      <section className="card start" aria-label="New conversion">
        <DropZone
          maxMb={config.maxUploadMb}
          onFiles={(files) => {
            uploads.add(files, options);
          }}
        />
        <div className="start-options">
          <OptionFields options={options} onChange={setOptions} />
          {hasPipeline && <PipelineFileDialog options={options} />}
        </div>
      </section>
      <UploadList />
      <JobList />
    </Page>
  );
}
