import type { ReactNode } from "react";
import type { Job, JobStatus } from "../api/types";
import { isWithoutFile, STATUS_NAMES } from "../jobs";
import { Icon, type IconName } from "./icons";
import { useNow } from "./now";

export type Tone = "quiet" | "busy" | "good" | "bad";

const TONES: Readonly<Record<JobStatus, Tone>> = { PENDING: "quiet", RUNNING: "busy", COMPLETED: "good", FAILED: "bad" };
const ICONS: Readonly<Record<Tone, IconName | null>> = { quiet: "clock", busy: null, good: "check", bad: "alert" };

/** A state in a word, a colour and a sign: never in a colour alone. */
export function Pill({ tone, children }: { readonly tone: Tone; readonly children: ReactNode }): ReactNode {
  const icon = ICONS[tone];
  return (
    <span className={`pill pill-${tone}`}>
      {icon === null ? <span className="spinner" aria-hidden="true" /> : <Icon name={icon} size={14} />}
      {children}
    </span>
  );
}

export function StatusPill({ job }: { readonly job: Pick<Job, "status" | "createdAt"> }): ReactNode {
  const name = isWithoutFile(job, useNow()) ? "No file yet" : STATUS_NAMES[job.status];
  return <Pill tone={TONES[job.status]}>{name}</Pill>;
}
