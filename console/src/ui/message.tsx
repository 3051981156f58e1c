import type { ReactNode } from "react";
import { sentenceOf } from "../api/errors";
import { Icon, type IconName } from "./icons";

interface MessageProps {
  readonly tone: "bad" | "note";
  readonly title?: string;
  readonly children: ReactNode;
  readonly action?: ReactNode;
}

/** Something that a person has to know now. */
export function Message({ tone, title, children, action }: MessageProps): ReactNode {
  return (
    <div className={`message message-${tone}`} role={tone === "bad" ? "alert" : "status"}>
      <Icon name={tone === "bad" ? "alert" : "clock"} />
      <div className="message-text">
        {title !== undefined && <strong>{title}</strong>}
        <p>{children}</p>
      </div>
      {action}
    </div>
  );
}

/** What went wrong, and a way to try again. */
export function Problem({ error, onRetry }: { readonly error: unknown; readonly onRetry?: () => void }): ReactNode {
  const retry = onRetry && (
    <button type="button" className="button" onClick={onRetry}>
      Try again
    </button>
  );
  return (
    <Message tone="bad" action={retry}>
      {sentenceOf(error)}
    </Message>
  );
}

interface EmptyProps {
  readonly icon: IconName;
  readonly title: string;
  readonly children: ReactNode;
}

/** Nothing there yet, and what would bring something. */
export function Empty({ icon, title, children }: EmptyProps): ReactNode {
  return (
    <div className="empty">
      <Icon name={icon} size={28} />
      <strong>{title}</strong>
      <p>{children}</p>
    </div>
  );
}

export function Loading({ what }: { readonly what: string }): ReactNode {
  return (
    <div className="loading" role="status">
      <span className="spinner" aria-hidden="true" />
      Loading {what}…
    </div>
  );
}
