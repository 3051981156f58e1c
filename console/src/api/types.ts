// What the export API takes and gives: docs/export-openapi.json.

export type JobStatus = "PENDING" | "RUNNING" | "COMPLETED" | "FAILED";
export type JsonFormat = "ndjson" | "json";
export type Compression = "none" | "gzip";

/** How the result is to be written. */
export interface OutputOptions {
  readonly format: JsonFormat;
  readonly compression: Compression;
}

export interface UploadRequest extends OutputOptions {
  readonly fileName: string;
  /** Bytes. */
  readonly size: number;
}

export interface UploadTicket {
  readonly jobId: string;
  readonly message: string;
  readonly uploadUrl: string;
  readonly uploadFields: Readonly<Record<string, string>>;
}

export type TriggerRequest = { readonly jobId: string } | ({ readonly s3Key: string } & OutputOptions);

export interface TriggerAnswer {
  readonly jobId: string;
  readonly status: JobStatus;
  readonly message: string;
}

export interface Job extends OutputOptions {
  readonly jobId: string;
  readonly fileName: string;
  readonly status: JobStatus;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  readonly updatedAt: string;
  /** Seconds, until now while it runs. */
  readonly processingTime: number | null;
  readonly errorMessage: string | null;
  /** 0 to 100. */
  readonly progress: number;
  readonly rows: number | null;
  readonly outputBytes: number | null;
}

export interface JobsPage {
  readonly jobs: readonly Job[];
  readonly nextToken: string | null;
}

export type ColumnType = "string" | "number" | "boolean" | "object" | "array" | "mixed" | "null";

export interface PreviewColumn {
  readonly name: string;
  readonly type: ColumnType;
}

/** A cell is text: a string's own, of anything else its JSON text, so that no number is rounded. */
export interface Preview {
  readonly columns: readonly PreviewColumn[];
  readonly rows: readonly (readonly (string | null)[])[];
  readonly truncated: boolean;
  readonly totalRows: number | null;
}

export interface Download {
  readonly downloadUrl: string;
  readonly fileName: string;
  /** Seconds. */
  readonly expiresIn: number;
}

export interface TodaysFiles {
  readonly pending: number;
  readonly manifested: number;
  readonly completed: number;
  readonly failed: number;
  readonly quarantined: number;
  readonly released: number;
}

export interface Manifest {
  readonly batchId: string;
  readonly datePrefix: string;
  readonly status: string;
  readonly fileCount: number;
  readonly totalBytes: number;
  readonly rows: number | null;
  readonly rejected: number | null;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly errorMessage: string | null;
}

export interface QuarantineReason {
  readonly reason: string;
  readonly count: number;
}

export interface QuarantinedFile {
  readonly key: string;
  readonly reason: string;
  readonly at: string;
}

export interface PipelineState {
  readonly asOf: string;
  readonly environment: string;
  readonly today: TodaysFiles;
  readonly oldestPendingSeconds: number | null;
  readonly manifests: readonly Manifest[];
  readonly failures: readonly Manifest[];
  readonly quarantine: readonly QuarantineReason[];
  readonly recentQuarantine: readonly QuarantinedFile[];
  /** Whether there is more of it than is shown. */
  readonly isCut: boolean;
}

export interface PipelineFile {
  readonly s3Key: string;
  /** Bytes. */
  readonly size: number;
  readonly lastModified: string;
}

export interface PipelineFiles {
  readonly files: readonly PipelineFile[];
  readonly nextToken: string | null;
}
