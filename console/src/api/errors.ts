/** A request that failed. `message` is a sentence for the person at the screen; `status` is 0 when no answer came. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.code = code;
  }

  /** Whether the same request may succeed a moment later. */
  get isPassing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

export const UNREACHABLE = "The service cannot be reached. Check your connection and try again.";
export const SESSION_ENDED = "Your session has ended. Sign in again to go on.";

const BY_STATUS: Readonly<Record<number, string>> = {
  400: "The service did not understand the request.",
  401: SESSION_ENDED,
  403: "Your account may not see this.",
  404: "There is nothing here, or it belongs to somebody else.",
  409: "This cannot be done at the moment.",
  413: "The file is larger than the service accepts.",
  429: "Too many requests at once. Wait a moment and try again.",
};

/** The error that an answer of the API stands for: its own sentence if it has one. */
export async function errorOf(response: Response): Promise<ApiError> {
  const said = errorBody(await response.json().catch(() => null));
  const message = said?.message ?? BY_STATUS[response.status] ?? "Something went wrong in the service. Try again in a moment.";
  return new ApiError(response.status, said?.code ?? "unknown", message);
}

/** What to tell a person about anything that was thrown. */
export function sentenceOf(error: unknown): string {
  return error instanceof ApiError ? error.message : "Something unexpected went wrong. Load the page again.";
}

function errorBody(body: unknown): { code: string; message: string } | null {
  if (!isRecord(body) || !isRecord(body["error"])) return null;
  const { code, message } = body["error"];
  return typeof code === "string" && typeof message === "string" ? { code, message } : null;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The text that a value is; empty for anything else. */
export function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
