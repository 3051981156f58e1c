import { ApiError, errorOf, SESSION_ENDED, UNREACHABLE } from "./errors";
import type {
  Download,
  Job,
  JobsPage,
  JobStatus,
  PipelineFiles,
  PipelineState,
  Preview,
  TriggerAnswer,
  TriggerRequest,
  UploadRequest,
  UploadTicket,
} from "./types";

/** Where the tokens come from. */
export interface Tokens {
  /** A token that is valid now. Throws ApiError 401 when the session has ended. */
  current(): Promise<string>;
  /** Another token than the one that was just refused. Throws ApiError 401. */
  renew(): Promise<string>;
  /** Called when the API refuses a fresh token too. */
  expire(): void;
}

export interface JobsQuery {
  readonly status?: JobStatus | undefined;
  readonly limit?: number | undefined;
  readonly nextToken?: string | undefined;
}

/** The export API. Every method throws ApiError. */
export class ExportApi {
  readonly #url: string;
  readonly #tokens: Tokens;
  readonly #fetch: typeof fetch;

  constructor(apiUrl: string, tokens: Tokens, send: typeof fetch = fetch.bind(globalThis)) {
    this.#url = apiUrl.replace(/\/+$/, "");
    this.#tokens = tokens;
    this.#fetch = send;
  }

  requestUpload(request: UploadRequest, signal?: AbortSignal): Promise<UploadTicket> {
    return this.#post("/upload", request, signal);
  }

  startJob(request: TriggerRequest, signal?: AbortSignal): Promise<TriggerAnswer> {
    return this.#post("/trigger-job", request, signal);
  }

  job(jobId: string, signal?: AbortSignal): Promise<Job> {
    return this.#get(`/job-status/${encodeURIComponent(jobId)}`, {}, signal);
  }

  jobs(query: JobsQuery, signal?: AbortSignal): Promise<JobsPage> {
    return this.#get("/jobs", { ...query }, signal);
  }

  preview(jobId: string, limit: number, signal?: AbortSignal): Promise<Preview> {
    return this.#get(`/preview/${encodeURIComponent(jobId)}`, { limit }, signal);
  }

  download(jobId: string): Promise<Download> {
    return this.#get(`/download/${encodeURIComponent(jobId)}`, {});
  }

  pipeline(signal?: AbortSignal): Promise<PipelineState> {
    return this.#get("/pipeline", {}, signal);
  }

  pipelineFiles(date: string, nextToken?: string, signal?: AbortSignal): Promise<PipelineFiles> {
    return this.#get("/pipeline/outputs", { date, nextToken }, signal);
  }

  #get<Answer>(path: string, query: Record<string, string | number | undefined>, signal?: AbortSignal): Promise<Answer> {
    const given = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]));
    const search = given.length > 0 ? `?${new URLSearchParams(given).toString()}` : "";
    return this.#call(path + search, { method: "GET" }, signal);
  }

  #post<Answer>(path: string, body: object, signal?: AbortSignal): Promise<Answer> {
    const headers = { "Content-Type": "application/json" };
    return this.#call(path, { method: "POST", headers, body: JSON.stringify(body) }, signal);
  }

  async #call<Answer>(path: string, init: RequestInit, signal?: AbortSignal): Promise<Answer> {
    let response = await this.#send(path, init, await this.#tokens.current(), signal);
    // A gateway may refuse a token without the headers that let a page read the refusal: it then looks like no answer.
    if (response === null || response.status === 401) {
      response = await this.#send(path, init, await this.#tokens.renew(), signal);
    }
    if (response === null) throw new ApiError(0, "unreachable", UNREACHABLE);
    if (response.status === 401) {
      this.#tokens.expire();
      throw new ApiError(401, "unauthorized", SESSION_ENDED);
    }
    if (!response.ok) throw await errorOf(response);
    return (await response.json()) as Answer;
  }

  /** Null when no answer came. */
  async #send(path: string, init: RequestInit, token: string, signal?: AbortSignal): Promise<Response | null> {
    const headers = new Headers(init.headers);
    headers.set("Authorization", `Bearer ${token}`);
    try {
      return await this.#fetch(this.#url + path, { ...init, headers, signal: signal ?? null });
    } catch (error) {
      if (signal?.aborted) throw error;
      return null;
    }
  }
}
