import { describe, expect, test, vi } from "vitest";
import { ApiError } from "../src/api/errors";
import { SignInError } from "../src/auth/cognito";
import { claimsOf, maySeePipeline, type Session, SessionStorageOfTab, userOf } from "../src/auth/session";
import { SignIn } from "../src/auth/sign-in-state";
import { cognitoOf, holding, memoryStorage, newWorld, NOW, signedIn, thrownBy } from "./helpers";

const SESSION: Session = {
  accessToken: "first",
  refreshToken: "refresh",
  expiresAt: NOW + 3_600_000,
  user: { id: "1", name: "ada", groups: [] },
};

function token(claims: object): string {
  return `x.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.x`;
}

describe("Cognito", () => {
  test("a right password signs in, with name and groups", async () => {
    const { signIn } = await signedIn();
    expect(signIn.session?.user).toMatchObject({ name: "ada@example.com", groups: ["operators"] });
    expect(signIn.session?.expiresAt).toBe(NOW + 3_600_000);
  });

  test("a wrong password is refused without telling whether the user exists", async () => {
    const cognito = cognitoOf(newWorld().send);
    const wrong = await thrownBy(() => cognito.signIn("ada@example.com", "wrong"));
    const unknown = await thrownBy(() => cognito.signIn("nobody@example.com", "wrong"));
    expect(wrong).toBeInstanceOf(SignInError);
    expect((wrong as Error).message).toBe((unknown as Error).message);
  });

  test("the first visit asks for a password, and says what is wrong with a weak one", async () => {
    const cognito = cognitoOf(newWorld().send);
    const step = await cognito.signIn("new@example.com", "Temporary-1");
    if (step.kind !== "new-password") throw new Error(step.kind);
    await expect(cognito.setNewPassword(step, "short")).rejects.toThrow("not long enough");
    expect((await cognito.setNewPassword(step, "Correct-horse-9")).kind).toBe("signed-in");
  });

  test("a forgotten password is replaced with a code", async () => {
    const cognito = cognitoOf(newWorld().send);
    await cognito.forgotPassword("ada@example.com");
    await expect(cognito.resetPassword("ada@example.com", "000000", "Correct-horse-9")).rejects.toThrow("The code is not right.");
    await expect(cognito.resetPassword("ada@example.com", "123456", "Correct-horse-9")).resolves.toBeUndefined();
  });

  test.each([
    [{ __type: "NotAuthorizedException", message: "Password attempts exceeded" }, "Password attempts exceeded"],
    [{ __type: "com.amazonaws#TooManyRequestsException" }, "Too many attempts. Wait a minute and try again."],
    ["<html>", "Signing in did not work. Try again in a moment."],
  ])("the refusal %j becomes a sentence", async (body, message) => {
    const cognito = cognitoOf(() => Promise.resolve(Response.json(body, { status: 400 })));
    await expect(cognito.signIn("a", "b")).rejects.toThrow(message);
  });

  test("a way to sign in that the page lacks is said so", async () => {
    const cognito = cognitoOf(() => Promise.resolve(Response.json({ ChallengeName: "SMS_MFA" })));
    await expect(cognito.signIn("a", "b")).rejects.toThrow("does not have");
  });

  test("signing out makes the refresh token useless", async () => {
    const asked: unknown[] = [];
    const cognito = cognitoOf((_, init) => {
      asked.push((init?.headers as Record<string, string>)["X-Amz-Target"], JSON.parse(init?.body as string));
      return Promise.resolve(Response.json({}));
    });
    await cognito.signOut(SESSION);
    expect(asked).toEqual(["AWSCognitoIdentityProviderService.RevokeToken", { ClientId: "client", Token: "refresh" }]);
  });
});

describe("the session", () => {
  const begun = (renew: (session: Session) => Promise<Session>, now = NOW): SignIn => {
    const signIn = new SignIn(new SessionStorageOfTab(memoryStorage()), renew, () => now);
    signIn.begin(SESSION);
    return signIn;
  };

  test("a token that lives is used", async () => {
    const renew = vi.fn();
    expect(await begun(renew).current()).toBe("first");
    expect(renew).not.toHaveBeenCalled();
  });

  test("a token that is about to end is renewed once for all who ask", async () => {
    const renew = vi.fn((session: Session) => Promise.resolve({ ...session, accessToken: "second", expiresAt: NOW + 7_200_000 }));
    const signIn = begun(renew, NOW + 3_590_000);
    expect(await Promise.all([signIn.current(), signIn.current()])).toEqual(["second", "second"]);
    expect(renew).toHaveBeenCalledOnce();
  });

  test("a refused renewal ends the session and remembers whose it was", async () => {
    const signIn = begun(() => Promise.reject(new SignInError("NotAuthorizedException", "revoked")));
    expect(await thrownBy(() => signIn.renew())).toMatchObject({ status: 401 });
    expect(signIn.state()).toEqual({ kind: "expired", user: SESSION.user });
    expect(await thrownBy(() => signIn.current())).toMatchObject({ status: 401 });
  });

  test("a renewal that nobody answers leaves the session", async () => {
    const signIn = begun(() => Promise.reject(new ApiError(0, "unreachable", "")));
    expect(await thrownBy(() => signIn.renew())).toMatchObject({ status: 0 });
    expect(signIn.state().kind).toBe("signed-in");
  });

  test("who signs out while a token is renewed stays signed out", async () => {
    const renewal = holding<Session>();
    const signIn = begun(() => renewal.promise);
    const waiting = thrownBy(() => signIn.renew());
    signIn.end();
    renewal.resolve({ ...SESSION, accessToken: "second" });
    expect(await waiting).toMatchObject({ status: 401 });
    expect(signIn.state()).toEqual({ kind: "signed-out" });
  });

  test("a reload finds it, and after signing out nothing", () => {
    const storage = new SessionStorageOfTab(memoryStorage());
    const renew = (session: Session): Promise<Session> => Promise.resolve(session);
    new SignIn(storage, renew).begin(SESSION);
    expect(new SignIn(storage, renew).state()).toEqual({ kind: "signed-in", user: SESSION.user });
    new SignIn(storage, renew).end();
    expect(new SignIn(storage, renew).state()).toEqual({ kind: "signed-out" });
  });

  test.each(["no JSON", "{}", '{"accessToken":1,"user":{}}'])("what somebody else stored, %s, is no session", (text) => {
    const storage = memoryStorage();
    storage.setItem("ndjson-parquet.session", text);
    expect(new SessionStorageOfTab(storage).read()).toBeNull();
  });
});

describe("tokens", () => {
  test("names with letters of any alphabet are read", () => {
    expect(userOf(token({ sub: "1" }), token({ name: "Łukasz Żak" }), "groups").name).toBe("Łukasz Żak");
  });

  test("groups are where the issuer puts them", () => {
    const access = token({ sub: "1", roles: ["a", "b"] });
    expect([userOf(access, null, "roles").groups, userOf(access, null, "groups").groups]).toEqual([["a", "b"], []]);
  });

  test.each(["", "a.b.c", "no token"])("%s has no claims", (text) => {
    expect(claimsOf(text)).toEqual({});
  });

  test("the pipeline is for its group, or for everybody", () => {
    const ada = { id: "1", name: "ada", groups: ["operators"] };
    expect([maySeePipeline(ada, "operators"), maySeePipeline(ada, "others"), maySeePipeline(ada, null)]).toEqual([true, false, true]);
  });
});
