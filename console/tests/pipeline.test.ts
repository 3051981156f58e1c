import { expect, test } from "vitest";
import { FILE_STATES, filesOf, manifestState, reasonName } from "../src/pipeline";

test("every file of a day is counted once", () => {
  const today = { pending: 1, manifested: 20, completed: 300, failed: 4_000, quarantined: 50_000, released: 600_000 };
  expect(filesOf(today)).toBe(654_321);
  expect(FILE_STATES.map(({ key }) => key).sort()).toEqual(Object.keys(today).sort());
});

test("a state that is new here is shown by its own name", () => {
  expect(manifestState("completed")).toEqual({ name: "Done", tone: "good" });
  expect(manifestState("parked")).toEqual({ name: "parked", tone: "quiet" });
});

test("reasons are words", () => {
  expect(reasonName("wrong_extension")).toBe("wrong extension");
});
