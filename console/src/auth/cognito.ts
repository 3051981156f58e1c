import { ApiError, isRecord, textOf } from "../api/errors";
import type { CognitoSettings } from "../config";
import { type Session, userOf } from "./session";

/** What Cognito answered to a password or a challenge. */
export type SignInStep =
  | { readonly kind: "signed-in"; readonly session: Session }
  | { readonly kind: "new-password"; readonly username: string; readonly challenge: string }
  | { readonly kind: "code"; readonly username: string; readonly challenge: string };

/** A refusal, as a sentence for the person who signs in. `code` is Cognito's exception. */
export class SignInError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

const SENTENCES: Readonly<Record<string, string>> = {
  NotAuthorizedException: "The user name or the password is not right.",
  UserNotFoundException: "The user name or the password is not right.",
  PasswordResetRequiredException: "Your password has to be reset. Choose “Forgot your password?”.",
  UserNotConfirmedException: "Your account is not confirmed yet. Ask whoever invited you.",
  TooManyRequestsException: "Too many attempts. Wait a minute and try again.",
  LimitExceededException: "Too many attempts. Wait a while and try again.",
  CodeMismatchException: "The code is not right.",
  ExpiredCodeException: "The code has expired. Ask for another one.",
};
const UNREACHABLE = "The sign-in service cannot be reached. Check your connection and try again.";

/** Cognito's user pool, called from the browser. Every method throws SignInError. */
export class Cognito {
  readonly #endpoint: string;
  readonly #clientId: string;
  readonly #fetch: typeof fetch;
  readonly #now: () => number;

  constructor(settings: CognitoSettings, region: string, send: typeof fetch = fetch.bind(globalThis), now = Date.now) {
    this.#endpoint = settings.endpoint ?? `https://cognito-idp.${region}.amazonaws.com/`;
    this.#clientId = settings.clientId;
    this.#fetch = send;
    this.#now = now;
  }

  /** The password travels in the body of an https request, as USER_PASSWORD_AUTH has it. */
  async signIn(username: string, password: string): Promise<SignInStep> {
    const parameters = { USERNAME: username, PASSWORD: password };
    return this.#step(username, await this.#initiate("USER_PASSWORD_AUTH", parameters));
  }

  async setNewPassword(step: Extract<SignInStep, { kind: "new-password" }>, password: string): Promise<SignInStep> {
    return this.#respond(step, "NEW_PASSWORD_REQUIRED", { NEW_PASSWORD: password });
  }

  async sendCode(step: Extract<SignInStep, { kind: "code" }>, code: string): Promise<SignInStep> {
    return this.#respond(step, "SOFTWARE_TOKEN_MFA", { SOFTWARE_TOKEN_MFA_CODE: code });
  }

  /** Throws ApiError when the session may still be good. */
  async renew(session: Session): Promise<Session> {
    if (session.refreshToken === null) throw new SignInError("NoRefreshToken", "Your session has ended.");
    const parameters = { REFRESH_TOKEN: session.refreshToken };
    const answer = await this.#initiate("REFRESH_TOKEN_AUTH", parameters).catch((error: unknown) => {
      throw isPassing(error) ? new ApiError(0, "unreachable", UNREACHABLE) : error;
    });
    const renewed = this.#sessionOf(answer);
    // Cognito answers no new refresh token, and no id token that would name the user better.
    return { ...renewed, refreshToken: renewed.refreshToken ?? session.refreshToken, user: session.user };
  }

  async forgotPassword(username: string): Promise<void> {
    await this.#call("ForgotPassword", { ClientId: this.#clientId, Username: username });
  }

  async resetPassword(username: string, code: string, password: string): Promise<void> {
    const request = { ClientId: this.#clientId, Username: username, ConfirmationCode: code, Password: password };
    await this.#call("ConfirmForgotPassword", request);
  }

  /** Makes the refresh token useless. */
  async signOut(session: Session): Promise<void> {
    if (session.refreshToken === null) return;
    await this.#call("RevokeToken", { ClientId: this.#clientId, Token: session.refreshToken });
  }

  #initiate(flow: string, parameters: Record<string, string>): Promise<Record<string, unknown>> {
    return this.#call("InitiateAuth", { AuthFlow: flow, ClientId: this.#clientId, AuthParameters: parameters });
  }

  async #respond(
    step: { readonly username: string; readonly challenge: string },
    name: string,
    responses: Record<string, string>,
  ): Promise<SignInStep> {
    const answer = await this.#call("RespondToAuthChallenge", {
      ClientId: this.#clientId,
      ChallengeName: name,
      Session: step.challenge,
      ChallengeResponses: { USERNAME: step.username, ...responses },
    });
    return this.#step(step.username, answer);
  }

  #step(username: string, answer: Record<string, unknown>): SignInStep {
    const challenge = textOf(answer["Session"]);
    switch (answer["ChallengeName"]) {
      case undefined:
      case null:
        return { kind: "signed-in", session: this.#sessionOf(answer) };
      case "NEW_PASSWORD_REQUIRED":
        return { kind: "new-password", username, challenge };
      case "SOFTWARE_TOKEN_MFA":
        return { kind: "code", username, challenge };
      default:
        throw new SignInError("UnknownChallenge", "Your account asks for a way to sign in that this page does not have.");
    }
  }

  #sessionOf(answer: Record<string, unknown>): Session {
    const result = answer["AuthenticationResult"];
    if (!isRecord(result) || typeof result["AccessToken"] !== "string") {
      throw new SignInError("NoToken", "The sign-in service gave an answer without a token. Try again.");
    }
    const { AccessToken: accessToken, IdToken: idToken, RefreshToken: refreshToken, ExpiresIn: seconds } = result;
    return {
      accessToken,
      refreshToken: typeof refreshToken === "string" ? refreshToken : null,
      expiresAt: this.#now() + (typeof seconds === "number" ? seconds : 0) * 1000,
      user: userOf(accessToken, typeof idToken === "string" ? idToken : null, "cognito:groups"),
    };
  }

  async #call(operation: string, body: object): Promise<Record<string, unknown>> {
    const response = await this.#fetch(this.#endpoint, {
      method: "POST",
      headers: {
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": `AWSCognitoIdentityProviderService.${operation}`,
      },
      body: JSON.stringify(body),
      cache: "no-store",
    }).catch(() => {
      throw new SignInError("Unreachable", UNREACHABLE);
    });
    const answer: unknown = await response.json().catch(() => null);
    if (!response.ok) throw refusal(answer);
    return isRecord(answer) ? answer : {};
  }
}

function isPassing(error: unknown): boolean {
  return error instanceof SignInError && ["Unreachable", "TooManyRequestsException"].includes(error.code);
}

function refusal(answer: unknown): SignInError {
  const said = isRecord(answer) ? answer : {};
  // AWS puts the exception's name alone, its emulators with a namespace before it.
  const code = textOf(said["__type"]).split("#").at(-1) ?? "";
  const own = typeof said["message"] === "string" ? said["message"] : null;
  if (code === "InvalidPasswordException") return new SignInError(code, own ?? "This password is not allowed.");
  // The same exception says that an account is disabled and that a password has expired.
  if (code === "NotAuthorizedException" && own !== null && /disabled|expired|attempts/i.test(own)) {
    return new SignInError(code, own);
  }
  return new SignInError(code, SENTENCES[code] ?? "Signing in did not work. Try again in a moment.");
}
