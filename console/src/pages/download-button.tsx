import { type ReactNode, useState } from "react";
import { sentenceOf } from "../api/errors";
import { useServices } from "../services";
import { Icon } from "../ui/icons";

/** Asks for a fresh address at each press: an address is good for minutes only. */
export function DownloadButton({ jobId }: { readonly jobId: string }): ReactNode {
  const { api } = useServices();
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  const download = async (): Promise<void> => {
    setBusy(true);
    setProblem(null);
    try {
      const { downloadUrl, fileName } = await api.download(jobId);
      save(downloadUrl, fileName);
    } catch (error) {
      setProblem(sentenceOf(error));
    } finally {
      setBusy(false);
    }
  };

  return (
    <div className="download">
      <button type="button" className="button button-main" disabled={isBusy} onClick={() => void download()}>
        <Icon name="download" />
        Download
      </button>
      {problem !== null && (
        <p className="row-problem" role="alert">
          {problem}
        </p>
      )}
    </div>
  );
}

// The answer says that it is an attachment, so the page stays.
function save(url: string, fileName: string): void {
  const link = document.createElement("a");
  link.href = url;
  link.download = fileName;
  link.rel = "noopener";
  link.click();
}
