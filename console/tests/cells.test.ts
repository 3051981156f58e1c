import { expect, test } from "vitest";
import { indented } from "../src/cells";

test("nested values get lines of their own, and every token stays", () => {
  const text = '{"id":12345678901234567890,"price":1.10,"tags":["a","{b}"],"none":{},"empty":[],"deep":[[1,2]]}';
  expect(indented(text)).toBe(`{
  "id": 12345678901234567890,
  "price": 1.10,
  "tags": [
    "a",
    "{b}"
  ],
  "none": {},
  "empty": [],
  "deep": [
    [
      1,
      2
    ]
  ]
}`);
});

test("escaped quotes end no string", () => {
  expect(indented('["a\\"b","c\\\\"]')).toBe('[\n  "a\\"b",\n  "c\\\\"\n]');
});

test("text that is cut off stays readable", () => {
  expect(indented('{"a":"b c…')).toBe('{\n  "a": "b c…');
});
