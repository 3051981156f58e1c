import type { Job, Manifest, PipelineState, Preview } from "../src/api/types";

export interface MockUser {
  readonly name: string;
  readonly password: string;
  readonly sub: string;
  readonly groups: readonly string[];
  /** The first sign-in asks for a password of one's own. */
  readonly mustChange?: boolean;
}

export const USERS: readonly MockUser[] = [
  { name: "ada@example.com", password: "Correct-horse-7", sub: "5f0c1f6e-0000-4000-8000-000000000001", groups: ["operators"] },
  { name: "ben@example.com", password: "Correct-horse-8", sub: "5f0c1f6e-0000-4000-8000-000000000002", groups: [] },
  { name: "new@example.com", password: "Temporary-1", sub: "5f0c1f6e-0000-4000-8000-000000000003", groups: [], mustChange: true },
];

export interface MockJob extends Job {
  readonly owner: string;
  readonly totalRows: number | null;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

type Seed = Partial<MockJob> & Pick<MockJob, "fileName" | "status"> & { readonly age: number };

const SEEDS: readonly Seed[] = [
  { fileName: "orders-2026-11.parquet", status: "RUNNING", age: 0.6 * MINUTE, progress: 64, rows: 1_312_000, totalRows: 2_050_000 },
  { fileName: "customers.parquet", status: "PENDING", age: 0.2 * MINUTE, format: "json" },
  { fileName: "product-catalogue.parquet", status: "COMPLETED", age: 18 * MINUTE, rows: 48_211, outputBytes: 31_400_000, processingTime: 7.4 },
  {
    fileName: "sensor-readings-week-46.parquet",
    status: "COMPLETED",
    age: 3.2 * HOUR,
    rows: 12_408_332,
    outputBytes: 412_700_000,
    processingTime: 96,
    compression: "gzip",
  },
  {
    fileName: "export (3).parquet",
    status: "FAILED",
    age: 5 * HOUR,
    processingTime: 2.1,
    errorMessage: "The file is cut off: it begins as Parquet, but its end is missing after 8,388,608 bytes. Upload it again, whole.",
  },
  { fileName: "reviews-2025.parquet", status: "COMPLETED", age: 26 * HOUR, rows: 902_114, outputBytes: 188_200_000, processingTime: 34, format: "json" },
  {
    fileName: "empty-table.parquet",
    status: "FAILED",
    age: 51 * HOUR,
    processingTime: 1.2,
    errorMessage: "The file has columns but no rows, so there is nothing to export.",
  },
  { fileName: "satellite-tiles.parquet", status: "COMPLETED", age: 75 * HOUR, rows: 12, outputBytes: 96_400_000, processingTime: 3.1 },
];

/** What the first user has done before. */
export function seededJobs(now: number): MockJob[] {
  return SEEDS.map(({ age, ...seed }, index) => ({
    jobId: `00000000-0000-4000-8000-${String(index + 1).padStart(12, "0")}`,
    owner: USERS[0]?.sub ?? "",
    createdAt: new Date(now - age).toISOString(),
    updatedAt: new Date(now - age / 2).toISOString(),
    format: "ndjson",
    compression: "none",
    processingTime: null,
    errorMessage: null,
    progress: seed.status === "COMPLETED" ? 100 : 0,
    rows: null,
    totalRows: null,
    outputBytes: null,
    ...seed,
  }));
}

const NAMES = ["Walnut desk", "Oak shelf", "Ash stool", "Cherry side table", "Maple bench", "Larch ladder", "Elm tray"];
const TOWNS = ["Bergen", "Porto", "Lyon", "Graz", "Turku", "Gdańsk", "Cork"];

function row(index: number): (string | null)[] {
  const pick = (from: readonly string[]): string => from[(index * 5) % from.length] ?? "";
  const two = (value: number): string => String(value).padStart(2, "0");
  return [
    String(100_000 + index * 37),
    pick(NAMES),
    `${(index * 7919) % 900}.${two((index * 31) % 100)}`,
    String(index % 4 !== 0),
    index % 6 === 2 ? null : `2026-11-${two(1 + (index % 20))}T${two(index % 24)}:15:00.000Z`,
    JSON.stringify({ town: pick(TOWNS), post_code: String(1000 + index * 13) }),
    JSON.stringify(["new", "sale"].slice(0, index % 3)),
  ];
}

export const COLUMNS: Preview["columns"] = [
  { name: "order_id", type: "number" },
  { name: "product", type: "string" },
  { name: "price", type: "number" },
  { name: "paid", type: "boolean" },
  { name: "ordered_at", type: "string" },
  { name: "ship_to", type: "object" },
  { name: "labels", type: "array" },
];

/** Of a result's beginning: a row that is larger is not in it. */
const READ_BYTES = 1_048_576;

export function previewOf(job: MockJob, limit: number): Preview {
  const isTooLarge = (job.outputBytes ?? 0) / (job.rows ?? 1) > READ_BYTES;
  const count = isTooLarge ? 0 : Math.min(limit, job.rows ?? 0);
  const rows = Array.from({ length: count }, (_, index) => row(index));
  return { columns: isTooLarge ? [] : COLUMNS, rows, truncated: count < (job.rows ?? 0), totalRows: job.rows };
}

function manifest(now: number, index: number, change: Partial<Manifest>): Manifest {
  const at = new Date(now - index * 9 * MINUTE).toISOString();
  return {
    batchId: `2026-11-21-${["k7f2", "m3qa", "p9xd", "r1vb", "t6zc", "w2hj", "y8ne"][index % 7] ?? ""}`,
    datePrefix: "2026-11-21",
    status: "completed",
    fileCount: 200 - index * 7,
    totalBytes: 611_000_000 - index * 18_300_000,
    rows: 2_914_220 - index * 81_733,
    rejected: index === 4 ? 37 : 0,
    createdAt: at,
    updatedAt: at,
    errorMessage: null,
    ...change,
  };
}

export function pipelineAt(now: number): PipelineState {
  const failed = manifest(now, 3, {
    status: "failed",
    rows: null,
    rejected: null,
    errorMessage: "12.4 % of the lines were rejected, and at most 10 % may be (max_reject_percent). Nothing was written.",
  });
  return {
    asOf: new Date(now).toISOString(),
    environment: "mock",
    today: { pending: 143, manifested: 386, completed: 9_412, failed: 21, quarantined: 8, released: 2 },
    oldestPendingSeconds: 412,
    manifests: [
      manifest(now, 0, { status: "pending", rows: null, rejected: null }),
      manifest(now, 1, { status: "processing", rows: null, rejected: null }),
      manifest(now, 2, {}),
      failed,
      ...[4, 5, 6].map((index) => manifest(now, index, {})),
    ],
    failures: [failed],
    quarantine: [
      { reason: "too_large", count: 4 },
      { reason: "wrong_extension", count: 3 },
      { reason: "too_small", count: 1 },
    ],
    recentQuarantine: [
      { key: "landing/ndjson/2026-11-21/eu/clicks-0931.ndjson", reason: "too_large", at: new Date(now - 14 * MINUTE).toISOString() },
      { key: "landing/ndjson/2026-11-21/readme.txt", reason: "wrong_extension", at: new Date(now - 62 * MINUTE).toISOString() },
      { key: "landing/ndjson/2026-11-21/us/empty.ndjson", reason: "too_small", at: new Date(now - 4 * HOUR).toISOString() },
    ],
    isCut: false,
  };
}
