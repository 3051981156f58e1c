import { isRecord } from "./api/errors";

export interface CognitoSettings {
  readonly type: "cognito";
  readonly userPoolId: string;
  readonly clientId: string;
  /** Where Cognito answers; AWS's own address of the region when absent. */
  readonly endpoint?: string;
}

export interface OidcSettings {
  readonly type: "oidc";
  readonly issuer: string;
  readonly clientId: string;
  /** The claim that lists groups. */
  readonly groupsClaim: string;
  /** For issuers that put the API's audience into a token only when asked. */
  readonly audience?: string;
}

/** What Terraform, or `make console`, wrote beside index.html. */
export interface Config {
  readonly apiUrl: string;
  readonly region: string;
  readonly environment: string;
  readonly auth: CognitoSettings | OidcSettings;
  /** The group that may see the pipeline; null when everybody may. */
  readonly pipelineGroup: string | null;
  /** The largest file that may be uploaded. */
  readonly maxUploadMb: number;
  /** Days after which files and conversions are deleted. */
  readonly retentionDays: number;
}

export class ConfigError extends Error {}

/** Raises ConfigError, whose text names the setting. */
export async function loadConfig(send: typeof fetch = fetch): Promise<Config> {
  const response = await send("config.json", { cache: "no-store" }).catch(() => null);
  if (!response?.ok) throw new ConfigError("config.json is not there");
  return parseConfig(await response.json().catch(() => null));
}

export function parseConfig(value: unknown): Config {
  if (!isRecord(value)) throw new ConfigError("config.json is not a JSON object");
  const auth = value["auth"];
  if (!isRecord(auth)) throw new ConfigError("config.json has no auth");
  const group = value["pipelineGroup"];
  return {
    apiUrl: url(value, "apiUrl"),
    region: text(value, "region"),
    environment: text(value, "environment"),
    auth: parseAuth(auth),
    pipelineGroup: typeof group === "string" && group !== "" ? group : null,
    maxUploadMb: count(value, "maxUploadMb"),
    retentionDays: count(value, "retentionDays"),
  };
}

function parseAuth(auth: Record<string, unknown>): CognitoSettings | OidcSettings {
  switch (auth["type"]) {
    case "cognito":
      return {
        type: "cognito",
        userPoolId: text(auth, "userPoolId"),
        clientId: text(auth, "clientId"),
        ...(auth["endpoint"] ? { endpoint: url(auth, "endpoint") } : {}),
      };
    case "oidc":
      return {
        type: "oidc",
        issuer: url(auth, "issuer"),
        clientId: text(auth, "clientId"),
        groupsClaim: text(auth, "groupsClaim"),
        ...(auth["audience"] ? { audience: text(auth, "audience") } : {}),
      };
    default:
      throw new ConfigError(`config.json has auth.type ${JSON.stringify(auth["type"])}; allowed are "cognito" and "oidc"`);
  }
}

function text(values: Record<string, unknown>, name: string): string {
  const value = values[name];
  if (typeof value !== "string" || value === "") throw new ConfigError(`config.json has no ${name}`);
  return value;
}

function count(values: Record<string, unknown>, name: string): number {
  const value = values[name];
  if (typeof value !== "number" || !(value > 0)) throw new ConfigError(`config.json has no ${name}`);
  return value;
}

function url(values: Record<string, unknown>, name: string): string {
  const value = text(values, name);
  if (!URL.canParse(value)) throw new ConfigError(`config.json has ${name} ${JSON.stringify(value)}, which is no address`);
  return value;
}
