import { ApiError, SESSION_ENDED } from "../api/errors";
import type { Tokens } from "../api/client";
import type { Session, SessionStorageOfTab, User } from "./session";

export type SignInState =
  | { readonly kind: "signed-out" }
  | { readonly kind: "signed-in"; readonly user: User }
  /** The session ended by itself: what the same user had begun waits for them. */
  | { readonly kind: "expired"; readonly user: User };

/** Renews a session. Throws a passing ApiError when nobody could say; anything else means that the session is over. */
export type Renew = (session: Session) => Promise<Session>;

// A token that ends within this time is renewed first, so that none ends on its way.
const MARGIN_MS = 30_000;

/** Who is signed in, and the tokens of the API. */
export class SignIn implements Tokens {
  readonly #storage: SessionStorageOfTab;
  readonly #renew: Renew;
  readonly #now: () => number;
  readonly #listeners = new Set<() => void>();
  #session: Session | null;
  #state: SignInState;
  #renewing: Promise<string> | null = null;

  constructor(storage: SessionStorageOfTab, renew: Renew, now: () => number = Date.now) {
    this.#storage = storage;
    this.#renew = renew;
    this.#now = now;
    this.#session = storage.read();
    this.#state = this.#session ? { kind: "signed-in", user: this.#session.user } : { kind: "signed-out" };
  }

  readonly state = (): SignInState => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  get session(): Session | null {
    return this.#session;
  }

  begin(session: Session): void {
    this.#session = session;
    this.#storage.write(session);
    this.#become({ kind: "signed-in", user: session.user });
  }

  end(): void {
    this.#forget();
    this.#become({ kind: "signed-out" });
  }

  expire(): void {
    const user = this.#session?.user;
    this.#forget();
    if (user) this.#become({ kind: "expired", user });
  }

  async current(): Promise<string> {
    const session = this.#session;
    if (session === null) throw ended();
    return session.expiresAt - this.#now() > MARGIN_MS ? session.accessToken : this.renew();
  }

  /** Callers that come at once share one renewal: a refresh token may be good for one use. */
  renew(): Promise<string> {
    this.#renewing ??= this.#renewOnce().finally(() => {
      this.#renewing = null;
    });
    return this.#renewing;
  }

  async #renewOnce(): Promise<string> {
    const session = this.#session;
    if (session === null) throw ended();
    const renewed = await this.#renew(session).catch((error: unknown) => {
      if (error instanceof ApiError && error.isPassing) throw error;
      return null;
    });
    // Somebody signed out, or in, meanwhile.
    if (this.#session !== session) return this.#session?.accessToken ?? Promise.reject(ended());
    if (renewed === null) {
      this.expire();
      throw ended();
    }
    this.#session = renewed;
    this.#storage.write(renewed);
    return renewed.accessToken;
  }

  #forget(): void {
    this.#session = null;
    this.#storage.clear();
  }

  #become(state: SignInState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}

function ended(): ApiError {
  return new ApiError(401, "unauthorized", SESSION_ENDED);
}
