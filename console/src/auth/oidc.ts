import { type User as OidcUser, UserManager, WebStorageStateStore } from "oidc-client-ts";
import type { OidcSettings } from "../config";
import { type Session, userOf } from "./session";

/** Any OpenID Connect issuer, by authorization code with PKCE. */
export class Oidc {
  readonly #manager: UserManager;
  readonly #here: string;
  readonly #groupsClaim: string;

  constructor(settings: OidcSettings, page: Location = window.location) {
    this.#groupsClaim = settings.groupsClaim;
    this.#here = page.origin + page.pathname;
    this.#manager = new UserManager({
      authority: settings.issuer,
      client_id: settings.clientId,
      redirect_uri: this.#here,
      post_logout_redirect_uri: this.#here,
      scope: "openid profile email offline_access",
      userStore: new WebStorageStateStore({ store: window.sessionStorage }),
      automaticSilentRenew: false,
      ...(settings.audience === undefined ? {} : { extraQueryParams: { audience: settings.audience } }),
    });
  }

  /** Leaves the page; comes back to `hash`. */
  async signIn(hash: string): Promise<void> {
    await this.#manager.signinRedirect({ state: hash });
  }

  /** The session that the issuer's redirect brought, or null when this page was opened otherwise. */
  async finish(page: Location = window.location, history: History = window.history): Promise<Session | null> {
    const query = new URLSearchParams(page.search);
    if (!query.has("state") || !(query.has("code") || query.has("error"))) return null;
    try {
      const user = await this.#manager.signinRedirectCallback();
      history.replaceState(null, "", this.#here + (typeof user.state === "string" ? user.state : ""));
      return this.#sessionOf(user);
    } catch (error) {
      history.replaceState(null, "", this.#here);
      throw error;
    }
  }

  async renew(): Promise<Session> {
    const user = await this.#manager.signinSilent();
    if (user === null) throw new Error("the issuer renewed nothing");
    return this.#sessionOf(user);
  }

  async signOut(): Promise<void> {
    await this.#manager.removeUser();
  }

  #sessionOf(user: OidcUser): Session {
    return {
      accessToken: user.access_token,
      refreshToken: user.refresh_token ?? null,
      expiresAt: (user.expires_at ?? 0) * 1000,
      user: userOf(user.access_token, user.id_token ?? null, this.#groupsClaim),
    };
  }
}
