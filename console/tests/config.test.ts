import { expect, test } from "vitest";
import { ConfigError, loadConfig, parseConfig } from "../src/config";

const GOOD = {
  apiUrl: "https://api.example.com",
  region: "eu-west-1",
  environment: "dev",
  auth: { type: "cognito", userPoolId: "eu-west-1_a", clientId: "abc" },
  pipelineGroup: "operators",
  maxUploadMb: 5120,
  retentionDays: 30,
};

test("a complete file is taken as it is", () => {
  expect(parseConfig(GOOD)).toEqual(GOOD);
});

test("without a group everybody may see the pipeline", () => {
  expect(parseConfig({ ...GOOD, pipelineGroup: null }).pipelineGroup).toBeNull();
});

test("an OIDC issuer needs no pool", () => {
  const auth = { type: "oidc", issuer: "https://login.example.com", clientId: "abc", groupsClaim: "groups", audience: "export" };
  expect(parseConfig({ ...GOOD, auth }).auth).toEqual(auth);
});

test.each([
  [null, "config.json is not a JSON object"],
  [{ ...GOOD, apiUrl: undefined }, "config.json has no apiUrl"],
  [{ ...GOOD, apiUrl: "api" }, 'config.json has apiUrl "api", which is no address'],
  [{ ...GOOD, region: "" }, "config.json has no region"],
  [{ ...GOOD, maxUploadMb: 0 }, "config.json has no maxUploadMb"],
  [{ ...GOOD, retentionDays: undefined }, "config.json has no retentionDays"],
  [{ ...GOOD, auth: undefined }, "config.json has no auth"],
  [{ ...GOOD, auth: { type: "saml" } }, 'config.json has auth.type "saml"; allowed are "cognito" and "oidc"'],
  [{ ...GOOD, auth: { type: "oidc", issuer: "here", clientId: "a" } }, 'config.json has issuer "here", which is no address'],
])("%j is refused by name", (value, message) => {
  expect(() => parseConfig(value)).toThrow(new ConfigError(message));
});

test.each([
  [() => Promise.reject(new TypeError("offline")), "config.json is not there"],
  [() => Promise.resolve(new Response("", { status: 404 })), "config.json is not there"],
  [() => Promise.resolve(new Response("<html>")), "config.json is not a JSON object"],
])("a file that cannot be had is named", async (send, message) => {
  await expect(loadConfig(send)).rejects.toThrow(message);
});
