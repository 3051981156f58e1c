import { type ReactNode, type SubmitEvent, useState } from "react";
import { textOf } from "../api/errors";
import { type Cognito, SignInError, type SignInStep } from "../auth/cognito";
import type { Session } from "../auth/session";
import { PasswordField, TextField } from "../ui/field";
import { Message } from "../ui/message";

type Step =
  | { readonly kind: "password"; readonly note?: string }
  | { readonly kind: "forgot" }
  | { readonly kind: "reset"; readonly username: string }
  | Exclude<SignInStep, { kind: "signed-in" }>;

interface Props {
  readonly cognito: Cognito;
  readonly knownName: string;
  readonly onSignedIn: (session: Session) => void;
}

type Fields = (name: string) => string;

/** User name and password, and what Cognito may ask for besides. */
export function CognitoSignIn({ cognito, knownName, onSignedIn }: Props): ReactNode {
  const [step, setStep] = useState<Step>({ kind: "password" });
  const [problem, setProblem] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);

  const go = (next: Step): void => {
    setProblem(null);
    setStep(next);
  };

  const submit = async (fields: Fields): Promise<void> => {
    setBusy(true);
    setProblem(null);
    try {
      const next = await answer(cognito, step, fields);
      if (next.kind === "signed-in") onSignedIn(next.session);
      else setStep(next);
    } catch (error) {
      setProblem(error instanceof SignInError ? error.message : "Signing in did not work. Try again in a moment.");
    } finally {
      setBusy(false);
    }
  };

  const onSubmit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    void submit((name) => textOf(form.get(name)).trim());
  };

  return (
    <form key={step.kind} className="sign-in-form" onSubmit={onSubmit}>
      {step.kind === "password" && step.note !== undefined && <Message tone="note">{step.note}</Message>}
      {problem !== null && <Message tone="bad">{problem}</Message>}
      <FieldsOf step={step} knownName={knownName} />
      <button type="submit" className="button button-main button-wide" disabled={isBusy}>
        {isBusy ? <span className="spinner" aria-hidden="true" /> : null}
        {ACTIONS[step.kind]}
      </button>
      {step.kind === "password" ? (
        <button
          type="button"
          className="link-button"
          onClick={() => {
            go({ kind: "forgot" });
          }}
        >
          Forgot your password?
        </button>
      ) : (
        <button
          type="button"
          className="link-button"
          onClick={() => {
            go({ kind: "password" });
          }}
        >
          Back
        </button>
      )}
    </form>
  );
}

const ACTIONS: Readonly<Record<Step["kind"], string>> = {
  password: "Sign in",
  forgot: "Send me a code",
  reset: "Set the new password",
  "new-password": "Set the password and sign in",
  code: "Sign in",
};

function FieldsOf({ step, knownName }: { readonly step: Step; readonly knownName: string }): ReactNode {
  switch (step.kind) {
    case "password":
      return (
        <>
          <TextField
            label="User name or e-mail"
            name="username"
            autoComplete="username"
            defaultValue={knownName}
            autoFocus={knownName === ""}
          />
          <PasswordField
            label="Password"
            name="password"
            autoComplete="current-password"
            autoFocus={knownName !== ""}
          />
        </>
      );
    case "forgot":
      return (
        <>
          <p className="hint">We send a code to the e-mail address of your account.</p>
          <TextField label="User name or e-mail" name="username" autoComplete="username" defaultValue={knownName} autoFocus />
        </>
      );
    case "reset":
      return (
        <>
          <TextField label="Code from the e-mail" name="code" autoComplete="one-time-code" inputMode="numeric" autoFocus />
          <PasswordField label="New password" name="password" autoComplete="new-password" />
        </>
      );
    case "new-password":
      return (
        <PasswordField
          label="New password"
          name="password"
          autoComplete="new-password"
          hint="This is your first visit: choose a password of your own."
          autoFocus
        />
      );
    case "code":
      return (
        <TextField
          label="Code from your authenticator app"
          name="code"
          autoComplete="one-time-code"
          inputMode="numeric"
          autoFocus
        />
      );
  }
}

async function answer(cognito: Cognito, step: Step, fields: Fields): Promise<Step | SignInStep> {
  switch (step.kind) {
    case "password":
      return cognito.signIn(fields("username"), fields("password"));
    case "new-password":
      return cognito.setNewPassword(step, fields("password"));
    case "code":
      return cognito.sendCode(step, fields("code"));
    case "forgot":
      await cognito.forgotPassword(fields("username"));
      return { kind: "reset", username: fields("username") };
    case "reset":
      await cognito.resetPassword(step.username, fields("code"), fields("password"));
      return { kind: "password", note: "The new password is set. Sign in with it." };
  }
}
