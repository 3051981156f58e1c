/** JSON text over several lines, every token as it is: a parser would round its numbers. Text that is cut off stays so. */
export function indented(json: string): string {
  let depth = 0;
  let written = "";
  for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"?|[[\]{},:]|[^\s"[\]{},:]+/gs)) {
    if (token === "{" || token === "[") {
      depth += 1;
      written += token + line(depth);
    } else if (token === "}" || token === "]") {
      depth -= 1;
      // Nothing between the brackets: nothing to put on a line of its own.
      written = /[[{]\s*$/.test(written) ? written.trimEnd() + token : written + line(depth) + token;
    } else if (token === ",") written += token + line(depth);
    else written += token === ":" ? ": " : token;
  }
  return written;
}

function line(depth: number): string {
  return "\n" + "  ".repeat(depth);
}
