import { type ReactNode, useEffect, useRef, useState } from "react";
import type { Oidc } from "../auth/oidc";
import type { Session } from "../auth/session";
import { Message } from "../ui/message";

interface Props {
  readonly oidc: Oidc;
  readonly onSignedIn: (session: Session) => void;
}

/** One button, which leads to the issuer's own page and back. */
export function OidcSignIn({ oidc, onSignedIn }: Props): ReactNode {
  const [problem, setProblem] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const isFinishing = useRef(false);

  useEffect(() => {
    // The issuer's code is good for one use.
    if (isFinishing.current) return;
    isFinishing.current = true;
    oidc.finish().then(
      (session) => {
        if (session !== null) onSignedIn(session);
      },
      () => {
        setProblem("The sign-in was not finished. Try again.");
      },
    );
  }, [oidc, onSignedIn]);

  const signIn = (): void => {
    setBusy(true);
    oidc.signIn(window.location.hash).catch(() => {
      setBusy(false);
      setProblem("The sign-in service cannot be reached. Try again in a moment.");
    });
  };

  return (
    <div className="sign-in-form">
      {problem !== null && <Message tone="bad">{problem}</Message>}
      <button type="button" className="button button-main button-wide" disabled={isBusy} onClick={signIn}>
        {isBusy ? <span className="spinner" aria-hidden="true" /> : null}
        Continue with your organisation
      </button>
    </div>
  );
}
