import { describe, expect, test } from "vitest";
import { ago, bytes, counted, duration, megabytes, moment } from "../src/format";

test.each([
  [0, "0 bytes"],
  [1, "1 byte"],
  [999, "999 bytes"],
  [1_000, "1.0 kB"],
  [9_949, "9.9 kB"],
  [9_960, "10 kB"],
  [999_400, "999 kB"],
  [999_600, "1.0 MB"],
  [31_400_000, "31 MB"],
  [5_000_000_000, "5.0 GB"],
  [7_000_000_000_000_000, "7000 TB"],
])("%d bytes are shown as %s", (count, text) => {
  expect(bytes(count)).toBe(text);
});

test.each([
  [0, "0 s"],
  [0.42, "0.4 s"],
  [7, "7 s"],
  [9.96, "10 s"],
  [59.4, "59 s"],
  [59.6, "1 min"],
  [185, "3 min 5 s"],
  [3_600, "1 h"],
  [7_860, "2 h 11 min"],
  [86_400, "1 day"],
  [300_000, "3 days"],
])("%d seconds are shown as %s", (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});

test("limits are shown in units of 1024", () => {
  expect([megabytes(512), megabytes(5120)]).toEqual(["512 MB", "5 GB"]);
});

test("one is counted in the singular", () => {
  expect([counted(1, "row"), counted(0, "row"), counted(12_345, "row")]).toEqual(["1 row", "0 rows", "12,345 rows"]);
});

describe("ago", () => {
  const now = new Date(2026, 10, 21, 12, 0, 0).getTime();
  const at = (...parts: [number, number, number, number, number]): string => new Date(...parts).toISOString();

  test.each([
    [at(2026, 10, 21, 12, 1), "just now"],
    [at(2026, 10, 21, 11, 59), "1 minute ago"],
    [at(2026, 10, 21, 11, 1), "59 minutes ago"],
    [at(2026, 10, 21, 9, 0), "3 hours ago"],
    [at(2026, 10, 21, 5, 7), "today, 05:07"],
    [at(2026, 10, 20, 23, 0), "yesterday, 23:00"],
    [at(2026, 10, 12, 23, 0), "12 Nov"],
    [at(2025, 10, 12, 23, 0), "12 Nov 2025"],
    ["no time", "no time"],
  ])("%s is %s", (iso, text) => {
    expect(ago(iso, now)).toBe(text);
  });
});

test("a moment names day and time", () => {
  expect(moment(new Date(2026, 10, 21, 17, 43).toISOString())).toBe("21 November 2026 at 17:43");
});
