import type { TodaysFiles } from "./api/types";
import type { Tone } from "./ui/status";

export interface FileState {
  readonly key: keyof TodaysFiles;
  readonly name: string;
  readonly meaning: string;
}

/** The states of a file, in the order in which it passes them. */
export const FILE_STATES: readonly FileState[] = [
  { key: "pending", name: "Waiting", meaning: "landed, and waiting for others to share a batch with" },
  { key: "manifested", name: "In a batch", meaning: "their batch is converted next, or at this moment" },
  { key: "completed", name: "Done", meaning: "their records are in Parquet" },
  { key: "failed", name: "Failed", meaning: "their batch could not be converted yet" },
  { key: "quarantined", name: "Set aside", meaning: "of the wrong kind or size, kept in quarantine" },
  { key: "released", name: "Sent again", meaning: "asked for once more by an operator" },
];

const MANIFEST_STATES: Readonly<Record<string, { readonly name: string; readonly tone: Tone }>> = {
  pending: { name: "Waiting", tone: "quiet" },
  processing: { name: "Converting", tone: "busy" },
  completed: { name: "Done", tone: "good" },
  failed: { name: "Failed", tone: "bad" },
};

export function manifestState(status: string): { readonly name: string; readonly tone: Tone } {
  return MANIFEST_STATES[status] ?? { name: status, tone: "quiet" };
}

/** `too_large` as `too large`. */
export function reasonName(reason: string): string {
  return reason.replaceAll("_", " ");
}

export function filesOf(today: TodaysFiles): number {
  return FILE_STATES.reduce((sum, { key }) => sum + today[key], 0);
}
