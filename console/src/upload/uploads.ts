import type { ExportApi } from "../api/client";
import { ApiError, sentenceOf } from "../api/errors";
import type { SendFile } from "../api/send-file";
import type { OutputOptions, UploadTicket } from "../api/types";

export type Phase = "checking" | "waiting" | "sending" | "starting" | "failed";

/** A file on its way from this browser to a job. */
export interface Upload {
  readonly id: number;
  readonly file: File;
  readonly options: OutputOptions;
  readonly phase: Phase;
  /** Bytes. */
  readonly sent: number;
  /** Once the service knows of it; a retry goes on with it. */
  readonly ticket: UploadTicket | null;
  readonly isDelivered: boolean;
  readonly problem: string | null;
  readonly canRetry: boolean;
}

/** What the uploads need from outside. */
export interface Surroundings {
  readonly api: Pick<ExportApi, "requestUpload" | "startJob">;
  readonly send: SendFile;
  readonly problemOf: (file: File) => Promise<string | null>;
  /** Called when a job was started. */
  readonly onStarted: (jobId: string, fileName: string) => void;
}

// More at once share the same line.
const AT_ONCE = 2;

/** The uploads of one user: two run, the others wait their turn. */
export class Uploads {
  readonly #outside: Surroundings;
  readonly #listeners = new Set<() => void>();
  readonly #aborts = new Map<number, AbortController>();
  #all: readonly Upload[] = [];
  #nextId = 1;

  constructor(outside: Surroundings) {
    this.#outside = outside;
  }

  readonly all = (): readonly Upload[] => this.#all;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  add(files: Iterable<File>, options: OutputOptions): void {
    const added = [...files].map((file) => this.#new(file, options));
    this.#become([...this.#all, ...added]);
    for (const upload of added) void this.#check(upload);
  }

  /** From where it failed: what is sent already is not sent again. */
  retry(id: number): void {
    this.#change(id, { phase: "waiting", problem: null });
    this.#startWaiting();
  }

  /** Takes it from the list, and stops it if it runs. */
  remove(id: number): void {
    this.#aborts.get(id)?.abort();
    this.#become(this.#all.filter((upload) => upload.id !== id));
    this.#startWaiting();
  }

  removeAll(): void {
    for (const { id } of this.#all) this.#aborts.get(id)?.abort();
    this.#become([]);
  }

  #new(file: File, options: OutputOptions): Upload {
    const id = this.#nextId++;
    return { id, file, options, phase: "checking", sent: 0, ticket: null, isDelivered: false, problem: null, canRetry: false };
  }

  /** At once, whoever waits: what cannot be converted is said while the person still looks. */
  async #check({ id, file }: Upload): Promise<void> {
    try {
      const problem = await this.#outside.problemOf(file);
      this.#change(id, problem === null ? { phase: "waiting" } : { phase: "failed", problem });
    } catch (error) {
      this.#fail(id, error);
    }
    this.#startWaiting();
  }

  #startWaiting(): void {
    for (const upload of this.#all) {
      if (this.#aborts.size >= AT_ONCE) return;
      if (upload.phase === "waiting" && !this.#aborts.has(upload.id)) void this.#run(upload);
    }
  }

  async #run(upload: Upload): Promise<void> {
    const abort = new AbortController();
    this.#aborts.set(upload.id, abort);
    try {
      await this.#bring(upload, abort.signal);
    } catch (error) {
      if (!abort.signal.aborted) this.#fail(upload.id, error);
    } finally {
      this.#aborts.delete(upload.id);
      this.#startWaiting();
    }
  }

  async #bring(upload: Upload, signal: AbortSignal): Promise<void> {
    const ticket = upload.isDelivered ? upload.ticket : await this.#deliver(upload, signal);
    if (signal.aborted || ticket === null) return;
    // From here on a retry starts the job and sends nothing.
    this.#change(upload.id, { phase: "starting", sent: upload.file.size, isDelivered: true });
    await this.#outside.api.startJob({ jobId: ticket.jobId }, signal);
    this.#become(this.#all.filter(({ id }) => id !== upload.id));
    this.#outside.onStarted(ticket.jobId, upload.file.name);
  }

  /** The ticket with which the file was sent. */
  async #deliver(upload: Upload, signal: AbortSignal): Promise<UploadTicket> {
    const { id, file, options } = upload;
    this.#change(id, { phase: "sending", sent: 0 });
    const request = { fileName: file.name, size: file.size, ...options };
    const ticket = upload.ticket ?? (await this.#outside.api.requestUpload(request, signal));
    this.#change(id, { ticket });
    const onProgress = (sent: number): void => {
      this.#change(id, { sent });
    };
    await this.#outside.send(ticket, file, onProgress, signal);
    return ticket;
  }

  #fail(id: number, error: unknown): void {
    // A file that another program changes while it is read, for one.
    const unreadable = error instanceof DOMException && error.name === "NotReadableError";
    const problem = unreadable ? "The file can no longer be read. Choose it again." : sentenceOf(error);
    // The same file would be refused again for its name, its size or its type.
    const isRefused = error instanceof ApiError && [400, 413].includes(error.status);
    // A ticket whose time is over.
    const isOver = error instanceof ApiError && ["AccessDenied", "ExpiredToken"].includes(error.code);
    const change = { phase: "failed", problem, canRetry: !isRefused && !unreadable } as const;
    this.#change(id, isOver ? { ...change, ticket: null } : change);
  }

  #change(id: number, change: Partial<Upload>): void {
    this.#become(this.#all.map((upload) => (upload.id === id ? { ...upload, ...change } : upload)));
  }

  #become(all: readonly Upload[]): void {
    this.#all = all;
    for (const listener of this.#listeners) listener();
  }
}
