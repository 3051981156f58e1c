import type { ReactNode } from "react";
import { Brand } from "../ui/brand";
import { Message } from "../ui/message";

/** Shown when the console does not know where its service is. */
export function CannotStart({ detail }: { readonly detail: string }): ReactNode {
  return (
    <main className="sign-in">
      <section className="card sign-in-card" aria-labelledby="cannot-start-heading">
        <Brand />
        <h1 id="cannot-start-heading">This page cannot start</h1>
        <Message tone="bad">Load it again. If that does not help, tell whoever runs this service: {detail}.</Message>
      </section>
    </main>
  );
}
