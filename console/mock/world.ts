import type {
  Download,
  Job,
  JobsPage,
  PipelineFiles,
  TriggerAnswer,
  TriggerRequest,
  UploadRequest,
  UploadTicket,
} from "../src/api/types";
import { COLUMNS, type MockJob, type MockUser, pipelineAt, previewOf, seededJobs, USERS } from "./seed.ts";

const MAX_BYTES = 5_000_000_000;
const TOKEN_SECONDS = 3600;

/** A refusal in the form of the API. */
class Refusal extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/**
 * The export API, its sign-in service and its storage, in memory. Nothing happens by itself: `change` says how a job goes on.
 * `origin` is where its addresses begin.
 */
export class MockWorld {
  readonly #origin: string;
  readonly #now: () => number;
  #jobs: MockJob[];
  #received = new Map<string, Blob>();
  #revoked = new Set<string>();
  #nextId = 1;
  #nextToken = 1;
  /** Requests that fail next, by path: the status they get. */
  #faults = new Map<string, number>();

  constructor(origin: string, now: () => number = Date.now) {
    this.#origin = origin;
    this.#now = now;
    this.#jobs = seededJobs(now());
  }

  /** What a test wants to be so. */
  control(order: Record<string, unknown>): unknown {
    switch (order["do"]) {
      case "change": {
        const change = order["to"] as Partial<MockJob>;
        this.#jobs = this.#jobs.map((job) =>
          job.jobId === order["jobId"] ? { ...job, updatedAt: this.#iso(), ...change } : job,
        );
        return {};
      }
      case "end-sessions":
        this.#revoked.add("all");
        return {};
      case "fail-next":
        this.#faults.set(String(order["path"]), Number(order["status"]));
        return {};
      case "jobs":
        return this.#jobs;
      default:
        return { error: `unknown order ${String(order["do"])}` };
    }
  }

  async handle(request: Request): Promise<Response> {
    const path = new URL(request.url).pathname;
    try {
      if (path.startsWith("/cognito")) return await this.#cognito(request);
      if (path.startsWith("/storage")) return await this.#storage(request);
      return await this.#api(request, path.replace(/^\/api/, ""));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return json(error.status, { error: { code: error.code, message: error.message } });
    }
  }

  async #api(request: Request, path: string): Promise<Response> {
    const user = this.#userOf(request);
    const query = new URL(request.url).searchParams;
    const [, first = "", second = ""] = path.split("/");
    const fault = this.#faults.get(`/${first}`);
    if (fault !== undefined) {
      this.#faults.delete(`/${first}`);
      if (fault === 0) return new Response(null, { status: 502 });
      throw new Refusal(fault, "fault", "The service is being repaired. Try again in a moment.");
    }
    switch (`${request.method} /${first}`) {
      case "POST /upload":
        return json(201, this.#upload(user, (await request.json()) as UploadRequest));
      case "POST /trigger-job":
        return json(202, this.#trigger(user, (await request.json()) as TriggerRequest));
      case "GET /jobs":
        return json(200, this.#page(user, query));
      case "GET /job-status":
        return json(200, visible(this.#ownJob(user, second)));
      case "GET /preview":
        return json(200, previewOf(this.#readyJob(user, second), Number(query.get("limit") ?? 100)));
      case "GET /download":
        return json(200, this.#download(this.#readyJob(user, second)));
      case "GET /pipeline":
        if (!user.groups.includes("operators")) {
          throw new Refusal(403, "forbidden", "The pipeline is shown to operators only.");
        }
        return json(200, second === "outputs" ? this.#outputs(query.get("date") ?? "") : pipelineAt(this.#now()));
      default:
        throw new Refusal(404, "not_found", "There is no such address.");
    }
  }

  #upload(user: MockUser, request: UploadRequest): UploadTicket {
    if (!request.fileName.endsWith(".parquet")) {
      throw new Refusal(400, "file_type_not_allowed", `${request.fileName} is not a .parquet file.`);
    }
    if (request.size > MAX_BYTES) throw new Refusal(413, "too_large", "The file is larger than 5 GB, the most that can be uploaded.");
    const job = this.#newJob(user, request.fileName, request);
    return {
      jobId: job.jobId,
      message: "Send the file to uploadUrl.",
      uploadUrl: `${this.#origin}/storage/upload`,
      uploadFields: { key: `uploads/${job.jobId}/${job.fileName}`, "Content-Type": "application/vnd.apache.parquet" },
    };
  }

  #trigger(user: MockUser, request: TriggerRequest): TriggerAnswer {
    const job =
      "jobId" in request
        ? this.#ownJob(user, request.jobId)
        : this.#newJob(user, request.s3Key.split("/").at(-1) ?? "", request);
    if ("jobId" in request && !this.#received.has(job.jobId)) {
      throw new Refusal(409, "not_uploaded", "The file has not been uploaded yet.");
    }
    return { jobId: job.jobId, status: job.status, message: "The conversion starts in a moment." };
  }

  #newJob(user: MockUser, fileName: string, { format, compression }: Pick<MockJob, "format" | "compression">): MockJob {
    const job: MockJob = {
      jobId: `11111111-0000-4000-8000-${String(this.#nextId++).padStart(12, "0")}`,
      owner: user.sub,
      fileName,
      status: "PENDING",
      createdAt: this.#iso(),
      updatedAt: this.#iso(),
      format,
      compression,
      processingTime: null,
      errorMessage: null,
      progress: 0,
      rows: null,
      totalRows: null,
      outputBytes: null,
    };
    this.#jobs = [job, ...this.#jobs];
    return job;
  }

  #page(user: MockUser, query: URLSearchParams): JobsPage {
    const status = query.get("status");
    const own = this.#jobs
      .filter((job) => job.owner === user.sub && (status === null || job.status === status))
      .sort((a, b) => b.createdAt.localeCompare(a.createdAt));
    const from = Number(query.get("nextToken") ?? 0);
    const to = from + Number(query.get("limit") ?? 25);
    return { jobs: own.slice(from, to).map(visible), nextToken: to < own.length ? String(to) : null };
  }

  #download(job: MockJob): Download {
    const suffix = `${job.format === "ndjson" ? ".ndjson" : ".json"}${job.compression === "gzip" ? ".gz" : ""}`;
    const fileName = job.fileName.replace(/\.parquet$/, "") + suffix;
    return { downloadUrl: `${this.#origin}/storage/result/${job.jobId}`, fileName, expiresIn: 300 };
  }

  #outputs(date: string): PipelineFiles {
    if (!date.endsWith("1")) return { files: [], nextToken: null };
    const files = [0, 1, 2].map((part) => ({
      s3Key: `pipeline/output/merged-parquet-${date}/${date}-p9xd-${String(part).padStart(5, "0")}.parquet`,
      size: 128_000_000 - part * 31_000_000,
      lastModified: new Date(this.#now() - (part + 1) * 700_000).toISOString(),
    }));
    return { files, nextToken: null };
  }

  async #storage(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (request.method === "GET") return this.#result(pathname.split("/").at(-1) ?? "");
    const form = await request.formData();
    const file = form.get("file");
    const key = form.get("key");
    const jobId = typeof key === "string" ? (key.split("/")[1] ?? "") : "";
    const fault = this.#faults.get("/storage");
    if (fault !== undefined) {
      this.#faults.delete("/storage");
      return new Response("<Error><Code>AccessDenied</Code></Error>", { status: fault });
    }
    if (file instanceof Blob) this.#received.set(jobId, file);
    return new Response(null, { status: 204 });
  }

  #result(jobId: string): Response {
    const job = this.#jobs.find((one) => one.jobId === jobId);
    if (!job) return new Response("<Error><Code>NoSuchKey</Code></Error>", { status: 404 });
    const lines = previewOf(job, 20).rows.map((row) => {
      const members = COLUMNS.map(({ name, type }, index) => {
        const cell = row[index] ?? null;
        return `${JSON.stringify(name)}:${type === "string" ? JSON.stringify(cell) : (cell ?? "null")}`;
      });
      return `{${members.join(",")}}`;
    });
    const headers = { "Content-Disposition": `attachment; filename="${this.#download(job).fileName}"` };
    return new Response(lines.join("\n") + "\n", { headers });
  }

  async #cognito(request: Request): Promise<Response> {
    const operation = request.headers.get("X-Amz-Target")?.split(".").at(-1);
    const body = (await request.json()) as Record<string, unknown>;
    const given = (body["AuthParameters"] ?? body["ChallengeResponses"] ?? {}) as Record<string, string>;
    switch (operation) {
      case "InitiateAuth":
        return body["AuthFlow"] === "REFRESH_TOKEN_AUTH" ? this.#refresh(given) : this.#password(given);
      case "RespondToAuthChallenge": {
        const user = USERS.find(({ name }) => name === given["USERNAME"]);
        if ((given["NEW_PASSWORD"] ?? "").length < 12) {
          return exception("InvalidPasswordException", "Password did not conform with policy: Password not long enough");
        }
        return user ? this.#tokens(user) : exception("NotAuthorizedException", "Invalid session.");
      }
      case "ConfirmForgotPassword":
        return body["ConfirmationCode"] === "123456" ? json(200, {}) : exception("CodeMismatchException", "Invalid code.");
      default:
        return json(200, {});
    }
  }

  #password({ USERNAME, PASSWORD }: Record<string, string>): Response {
    const user = USERS.find(({ name, password }) => name === USERNAME && password === PASSWORD);
    if (!user) return exception("NotAuthorizedException", "Incorrect username or password.");
    if (user.mustChange) return json(200, { ChallengeName: "NEW_PASSWORD_REQUIRED", Session: "challenge", ChallengeParameters: {} });
    this.#revoked.clear();
    return this.#tokens(user);
  }

  #refresh({ REFRESH_TOKEN }: Record<string, string>): Response {
    const user = USERS.find(({ sub }) => sub === REFRESH_TOKEN);
    if (!user || this.#revoked.size > 0) return exception("NotAuthorizedException", "Refresh Token has been revoked");
    return this.#tokens(user);
  }

  #tokens(user: MockUser): Response {
    const exp = Math.floor(this.#now() / 1000) + TOKEN_SECONDS;
    const access = { sub: user.sub, username: user.name, "cognito:groups": user.groups, exp, jti: this.#nextToken++ };
    return json(200, {
      AuthenticationResult: {
        AccessToken: unsigned(access),
        IdToken: unsigned({ sub: user.sub, email: user.name, exp }),
        RefreshToken: user.sub,
        ExpiresIn: TOKEN_SECONDS,
      },
    });
  }

  #userOf(request: Request): MockUser {
    const token = request.headers.get("Authorization")?.replace("Bearer ", "") ?? "";
    const claims = JSON.parse(atob(token.split(".")[1] ?? "") || "{}") as { sub?: string };
    const user = USERS.find(({ sub }) => sub === claims.sub);
    if (!user || this.#revoked.has("all")) throw new Refusal(401, "unauthorized", "Unauthorized");
    return user;
  }

  #ownJob(user: MockUser, jobId: string): MockJob {
    const job = this.#jobs.find((one) => one.jobId === jobId && one.owner === user.sub);
    if (!job) throw new Refusal(404, "not_found", "There is no such conversion.");
    return job;
  }

  #readyJob(user: MockUser, jobId: string): MockJob {
    const job = this.#ownJob(user, jobId);
    if (job.status !== "COMPLETED") throw new Refusal(409, "not_ready", "The conversion has not ended yet.");
    return job;
  }

  #iso(): string {
    return new Date(this.#now()).toISOString();
  }
}

function visible(job: MockJob): Job {
  const { owner, totalRows, ...seen } = job;
  return seen;
}

function json(status: number, body: unknown): Response {
  return Response.json(body, { status });
}

function exception(name: string, message: string): Response {
  return json(400, { __type: name, message });
}

function unsigned(claims: object): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "none" })}.${part(claims)}.`;
}
