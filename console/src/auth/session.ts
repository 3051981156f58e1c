import { isRecord, textOf } from "../api/errors";

export interface User {
  /** The token's `sub`, which owns the jobs. */
  readonly id: string;
  readonly name: string;
  readonly groups: readonly string[];
}

export interface Session {
  readonly accessToken: string;
  readonly refreshToken: string | null;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  readonly user: User;
}

/** A token's claims, for display only: whether they are true is the API's to decide. Empty for what is no JWT. */
export function claimsOf(token: string): Record<string, unknown> {
  const payload = token.split(".")[1] ?? "";
  try {
    const base64 = payload.replaceAll("-", "+").replaceAll("_", "/");
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    const claims: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return isRecord(claims) ? claims : {};
  } catch {
    return {};
  }
}

/** Who the tokens are for. */
export function userOf(accessToken: string, idToken: string | null, groupsClaim: string): User {
  const access = claimsOf(accessToken);
  const identity = idToken === null ? {} : claimsOf(idToken);
  const names = [identity["email"], identity["name"], identity["preferred_username"], access["username"], access["sub"]];
  const groups = access[groupsClaim] ?? identity[groupsClaim];
  return {
    id: textOf(access["sub"]),
    name: names.find((name): name is string => typeof name === "string" && name !== "") ?? "",
    groups: Array.isArray(groups) ? groups.map(String) : [],
  };
}

export function maySeePipeline(user: User, group: string | null): boolean {
  return group === null || user.groups.includes(group);
}

const KEY = "ndjson-parquet.session";

/** Keeps the session for this tab: a reload keeps it, closing the tab ends it. */
export class SessionStorageOfTab {
  readonly #storage: Pick<Storage, "getItem" | "setItem" | "removeItem">;

  constructor(storage: Pick<Storage, "getItem" | "setItem" | "removeItem">) {
    this.#storage = storage;
  }

  read(): Session | null {
    const text = this.#storage.getItem(KEY);
    if (text === null) return null;
    try {
      const value: unknown = JSON.parse(text);
      return isSession(value) ? value : null;
    } catch {
      return null;
    }
  }

  write(session: Session): void {
    this.#storage.setItem(KEY, JSON.stringify(session));
  }

  clear(): void {
    this.#storage.removeItem(KEY);
  }
}

function isSession(value: unknown): value is Session {
  if (!isRecord(value) || !isRecord(value["user"])) return false;
  const { accessToken, refreshToken, expiresAt, user } = value;
  return (
    typeof accessToken === "string" &&
    (refreshToken === null || typeof refreshToken === "string") &&
    typeof expiresAt === "number" &&
    typeof user["id"] === "string" &&
    typeof user["name"] === "string" &&
    Array.isArray(user["groups"])
  );
}
