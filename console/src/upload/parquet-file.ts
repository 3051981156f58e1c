import { bytes, megabytes } from "../format";

/** Why a file cannot be converted, as a sentence; null when it can, as far as the browser sees. */
export async function problemOf(file: File, maxMb: number): Promise<string | null> {
  if (!/\.parquet$/i.test(file.name)) {
    return "This is not a Parquet file: its name does not end in .parquet.";
  }
  if (file.size === 0) return "This file is empty.";
  if (file.size > maxMb * 1024 * 1024) {
    return `This file has ${bytes(file.size)}, and ${megabytes(maxMb)} is the most that can be uploaded. Split it.`;
  }
  const [start, end] = await Promise.all([textOf(file.slice(0, 4)), textOf(file.slice(-4))]);
  if (start === "PARE" || end === "PARE") {
    return "This Parquet file is encrypted, and only its owner has the key. Upload a copy without encryption.";
  }
  if (start !== "PAR1") return "This file is named like a Parquet file, but holds something else.";
  if (end !== "PAR1" || file.size < 12) {
    return "This Parquet file is not complete: its end is missing. Copy or export it once more.";
  }
  return null;
}

async function textOf(part: Blob): Promise<string> {
  return new TextDecoder("latin1").decode(await part.arrayBuffer());
}
