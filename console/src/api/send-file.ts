import { ApiError } from "./errors";
import type { UploadTicket } from "./types";

/** Sends a file where its ticket says; `onProgress` gets the bytes sent. Throws ApiError, or AbortError after `signal`. */
export type SendFile = (
  ticket: UploadTicket,
  file: File,
  onProgress: (bytes: number) => void,
  signal: AbortSignal,
) => Promise<void>;

// XMLHttpRequest, because fetch does not tell how much of a body was sent.
export const sendFile: SendFile = (ticket, file, onProgress, signal) =>
  new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const abort = (): void => {
      request.abort();
    };
    const settle = (action: () => void): void => {
      signal.removeEventListener("abort", abort);
      action();
    };
    request.upload.onprogress = (event) => {
      // The form around the file counts too.
      onProgress(Math.min(file.size, Math.round((event.loaded / event.total) * file.size)));
    };
    request.onload = () => {
      const accepted = request.status >= 200 && request.status < 300;
      settle(() => {
        if (accepted) resolve();
        else reject(refusal(request.status, request.responseText));
      });
    };
    request.onerror = () => {
      settle(() => {
        reject(new ApiError(0, "upload_interrupted", "The upload was interrupted. Check your connection and try again."));
      });
    };
    request.onabort = () => {
      settle(() => {
        reject(new DOMException("The upload was cancelled.", "AbortError"));
      });
    };
    signal.addEventListener("abort", abort);
    request.open("POST", ticket.uploadUrl);
    request.send(formOf(ticket, file));
  });

/** The presigned form; S3 ignores every field after the file. */
export function formOf(ticket: UploadTicket, file: File): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(ticket.uploadFields)) form.append(name, value);
  form.append("file", file);
  return form;
}

const REFUSALS: Readonly<Record<string, string>> = {
  EntityTooLarge: "The file changed while it was being uploaded, or is too large. Choose it again.",
  EntityTooSmall: "The file changed while it was being uploaded. Choose it again.",
  AccessDenied: "The time to upload this file is over. Try again.",
  ExpiredToken: "The time to upload this file is over. Try again.",
};

/** The storage's answer, an XML document, as an error. */
export function refusal(status: number, xml: string): ApiError {
  const code = /<Code>(\w+)<\/Code>/.exec(xml)?.[1] ?? "unknown";
  return new ApiError(status, code, REFUSALS[code] ?? "The storage did not take the file. Try again.");
}
