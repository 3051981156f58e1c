import type { ReactNode } from "react";
import { ago, moment } from "../format";
import { useNow } from "./now";

/** How long ago something was; grows older on the screen. */
export function When({ at }: { readonly at: string }): ReactNode {
  const now = useNow();
  return (
    <time dateTime={at} title={moment(at)}>
      {ago(at, now)}
    </time>
  );
}
