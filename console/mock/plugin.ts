import type { IncomingMessage, ServerResponse } from "node:http";
import { readFileSync } from "node:fs";
import { Readable } from "node:stream";
import type { Connect, Plugin } from "vite";
import type { Config } from "../src/config";
import { MockWorld } from "./world.ts";

const BASE = "/mock";
const POLICY = readFileSync(new URL("../../modules/export_console/content_security_policy.txt", import.meta.url), "utf8").trim();

/** Serves the console with a world of its own behind it; POST /mock/control with `{"do": "reset"}` begins another. */
export function mockService(): Plugin {
  let world: MockWorld | null = null;

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const origin = `http://${request.headers.host ?? "localhost"}`;
    world ??= new MockWorld(origin + BASE);
    const path = (request.url ?? "").replace(BASE, "");
    const asked = requestOf(request, origin + path);
    if (path === "/control") {
      const order = (await asked.json()) as Record<string, unknown>;
      if (order["do"] === "reset") world = new MockWorld(origin + BASE);
      await send(response, Response.json(order["do"] === "reset" ? {} : world.control(order)));
      return;
    }
    await send(response, await world.handle(asked));
  };

  const serve = (middlewares: Connect.Server, withPolicy: boolean): void => {
    middlewares.use((request, response, next) => {
      if (withPolicy) response.setHeader("Content-Security-Policy", POLICY.replace("${connect}", ""));
      if (request.url === "/config.json") void send(response, Response.json(configOf(request)));
      else if (request.url?.startsWith(BASE)) answer(request, response).catch(next);
      else next();
    });
  };

  return {
    name: "mock-service",
    configureServer: ({ middlewares }) => {
      // The development server needs inline scripts.
      serve(middlewares, false);
    },
    configurePreviewServer: ({ middlewares }) => {
      serve(middlewares, true);
    },
  };
}

function configOf(request: IncomingMessage): Config {
  const origin = `http://${request.headers.host ?? "localhost"}`;
  return {
    apiUrl: `${origin}${BASE}/api`,
    region: "us-east-1",
    environment: "mock",
    auth: { type: "cognito", userPoolId: "us-east-1_mock", clientId: "mock", endpoint: `${origin}${BASE}/cognito` },
    pipelineGroup: "operators",
    maxUploadMb: 5120,
    retentionDays: 30,
  };
}

function requestOf(request: IncomingMessage, url: string): Request {
  const method = request.method ?? "GET";
  const headers = Object.entries(request.headers).flatMap(([name, value]): [string, string][] =>
    typeof value === "string" ? [[name, value]] : [],
  );
  const body = ["GET", "HEAD"].includes(method) ? null : (Readable.toWeb(request) as ReadableStream);
  return new Request(url, { method, headers, body, duplex: "half" } as RequestInit);
}

async function send(response: ServerResponse, answer: Response): Promise<void> {
  response.writeHead(answer.status, Object.fromEntries(answer.headers));
  response.end(Buffer.from(await answer.arrayBuffer()));
}
