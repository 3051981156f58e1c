import { type ReactNode, useEffect } from "react";
import type { User } from "../auth/session";
import { counted } from "../format";
import { useServices } from "../services";
import { Brand, PRODUCT } from "../ui/brand";
import { Message } from "../ui/message";
import { ThemeButton } from "../ui/theme-button";
import { useAllUploads } from "../upload/provider";
import { CognitoSignIn } from "./sign-in-cognito";
import { OidcSignIn } from "./sign-in-oidc";

/** Shown at every address until somebody signs in; the address stays, so one goes on where one was. */
export function SignInPage({ expired }: { readonly expired: User | null }): ReactNode {
  const { config, provider, signIn } = useServices();
  const hasUploads = useAllUploads().length > 0;

  useEffect(() => {
    document.title = `Sign in · ${PRODUCT}`;
  }, []);

  return (
    <main className="sign-in">
      <div className="sign-in-top">
        <ThemeButton />
      </div>
      <section className="card sign-in-card" aria-labelledby="sign-in-heading">
        <Brand />
        <h1 id="sign-in-heading">Sign in</h1>
        <p className="intro">Turn Parquet files into JSON: upload, watch, look, download.</p>
        {expired && (
          <Message tone="note" title="Your session has ended">
            Sign in again to go on where you were.{hasUploads && " Your uploads wait for you."}
          </Message>
        )}
        {provider.type === "cognito" ? (
          <CognitoSignIn
            cognito={provider.cognito}
            knownName={expired?.name ?? ""}
            onSignedIn={signIn.begin.bind(signIn)}
          />
        ) : (
          <OidcSignIn oidc={provider.oidc} onSignedIn={signIn.begin.bind(signIn)} />
        )}
      </section>
      <p className="sign-in-foot">
        Other users cannot see your files. After {counted(config.retentionDays, "day")} they are deleted.
      </p>
    </main>
  );
}
