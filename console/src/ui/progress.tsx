import type { ReactNode } from "react";

interface ProgressProps {
  readonly label: string;
  /** 0 to 100; null while nobody knows. */
  readonly percent: number | null;
}

export function Progress({ label, percent }: ProgressProps): ReactNode {
  const known = percent === null ? null : Math.round(Math.min(100, Math.max(0, percent)));
  return (
    <div
      className={known === null ? "progress progress-unknown" : "progress"}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      {...(known === null ? {} : { "aria-valuenow": known })}
    >
      <span style={known === null ? {} : { inlineSize: `${known}%` }} />
    </div>
  );
}
