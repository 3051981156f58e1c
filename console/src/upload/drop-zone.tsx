import { type ReactNode, useEffect, useRef, useState } from "react";
import { megabytes } from "../format";
import { Icon } from "../ui/icons";

interface Props {
  readonly maxMb: number;
  readonly onFiles: (files: File[]) => void;
}

/** Takes files that are dropped anywhere on the page, or chosen with its button. */
export function DropZone({ maxMb, onFiles }: Props): ReactNode {
  const input = useRef<HTMLInputElement>(null);
  const isOver = useDroppedFiles(onFiles);

  return (
    <div className={isOver ? "drop-zone drop-zone-over" : "drop-zone"} data-testid="drop-zone">
      <span className="drop-sign">
        <Icon name="upload" size={26} />
      </span>
      <p className="drop-text">
        <strong>{isOver ? "Let go to upload" : "Drop Parquet files here"}</strong>
        <span>One or many, each up to {megabytes(maxMb)}</span>
      </p>
      <button type="button" className="button button-main" onClick={() => input.current?.click()}>
        Choose files
      </button>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        accept=".parquet"
        aria-label="Parquet files"
        onChange={(event) => {
          onFiles([...(event.target.files ?? [])]);
          // The same file may be chosen again.
          event.target.value = "";
        }}
      />
    </div>
  );
}

/** Whether files are held over the page. */
function useDroppedFiles(onFiles: (files: File[]) => void): boolean {
  const [isOver, setOver] = useState(false);
  const latest = useRef(onFiles);
  useEffect(() => {
    latest.current = onFiles;
  }, [onFiles]);

  useEffect(() => {
    // Elements inside the page are entered and left too: files are over the page while more were entered than left.
    let depth = 0;
    const listeners = new AbortController();
    const { signal } = listeners;
    const on = (name: "dragenter" | "dragleave" | "dragover" | "drop", react: (event: DragEvent) => void): void => {
      const handle = (event: DragEvent): void => {
        if (!event.dataTransfer?.types.includes("Files")) return;
        event.preventDefault();
        react(event);
      };
      document.addEventListener(name, handle, { signal });
    };
    on("dragenter", () => {
      depth += 1;
      setOver(true);
    });
    on("dragleave", () => {
      depth -= 1;
      if (depth <= 0) setOver(false);
    });
    on("dragover", () => undefined);
    on("drop", (event) => {
      depth = 0;
      setOver(false);
      const files = filesOf(event.dataTransfer);
      if (files.length > 0) latest.current(files);
    });
    return () => {
      listeners.abort();
    };
  }, []);

  return isOver;
}

/** A folder is among the files too, as a file that cannot be read. */
function filesOf(transfer: DataTransfer | null): File[] {
  const items = [...(transfer?.items ?? [])].filter((item) => item.kind === "file");
  return items.flatMap((item) => (item.webkitGetAsEntry()?.isDirectory ? [] : (item.getAsFile() ?? [])));
}
