import { ExportApi, type Tokens } from "../src/api/client";
import { Cognito } from "../src/auth/cognito";
import { SessionStorageOfTab } from "../src/auth/session";
import { SignIn } from "../src/auth/sign-in-state";
import { MockWorld } from "../mock/world";

export const ORIGIN = "http://mock.test";
export const NOW = Date.parse("2026-11-21T12:00:00Z");

/** The mocked service without a server: its requests and answers are those of fetch. */
export function newWorld(now: () => number = () => NOW): { world: MockWorld; send: typeof fetch } {
  const world = new MockWorld(ORIGIN, now);
  const send: typeof fetch = (input, init) => world.handle(new Request(input, init));
  return { world, send };
}

export function memoryStorage(): Pick<Storage, "getItem" | "setItem" | "removeItem"> {
  const kept = new Map<string, string>();
  return {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: (key) => void kept.delete(key),
  };
}

export function cognitoOf(send: typeof fetch, now: () => number = () => NOW): Cognito {
  return new Cognito({ type: "cognito", userPoolId: "pool", clientId: "client", endpoint: `${ORIGIN}/cognito` }, "us-east-1", send, now);
}

export interface SignedIn {
  readonly api: ExportApi;
  readonly signIn: SignIn;
  readonly cognito: Cognito;
  readonly world: MockWorld;
}

export async function signedIn(name = "ada@example.com", password = "Correct-horse-7"): Promise<SignedIn> {
  const { world, send } = newWorld();
  const cognito = cognitoOf(send);
  const signIn = new SignIn(new SessionStorageOfTab(memoryStorage()), cognito.renew.bind(cognito), () => NOW);
  const step = await cognito.signIn(name, password);
  if (step.kind !== "signed-in") throw new Error(`the sign-in ended with ${step.kind}`);
  signIn.begin(step.session);
  return { api: new ExportApi(`${ORIGIN}/api`, signIn, send), signIn, cognito, world };
}

export function tokens(change: Partial<Tokens> = {}): Tokens {
  return {
    current: () => Promise.resolve("first"),
    renew: () => Promise.resolve("second"),
    expire: () => undefined,
    ...change,
  };
}

export async function thrownBy(action: () => Promise<unknown>): Promise<unknown> {
  try {
    await action();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

/** A promise that ends when somebody says so. */
export interface Held<Value> {
  readonly promise: Promise<Value>;
  readonly resolve: (value: Value) => void;
  readonly reject: (reason: Error) => void;
}

export function holding<Value>(): Held<Value> {
  let settle: Pick<Held<Value>, "resolve" | "reject"> | undefined;
  const promise = new Promise<Value>((resolve, reject) => {
    settle = { resolve, reject };
  });
  if (settle === undefined) throw new Error("a promise runs its function at once");
  return { promise, ...settle };
}
