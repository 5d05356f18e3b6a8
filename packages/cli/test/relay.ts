import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

export interface Passing {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly body: string;
  /** Of the body. */
  readonly type: string;
}

/** What stands between a caller and the issuer, and can alter what the issuer answers. */
export interface Relay {
  readonly url: string;
  pointTo(issuerUrl: string): void;
  alter: (answer: Passing) => Passing;
  stop(): void;
}

export async function startRelay(): Promise<Relay> {
  let issuerUrl = "";
  const server = createServer(async (request, response) => {
    const answer = await forward(request, issuerUrl);
    const { status, body, type } = relay.alter(answer);
    response.writeHead(status, { "content-type": type }).end(status === 204 ? undefined : body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const relay: Relay = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    pointTo: (url) => {
      issuerUrl = url;
    },
    alter: (answer) => answer,
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
  return relay;
}

async function forward(request: IncomingMessage, issuerUrl: string): Promise<Passing> {
  const { method = "GET", url: path = "/", headers } = request;
  const body = await buffer(request);
  const answer = await fetch(issuerUrl + path, {
    method,
    headers: Object.entries(headers).filter((header): header is [string, string] => passedOn(header[0])),
    ...(body.length === 0 ? {} : { body }),
  });
  const type = answer.headers.get("content-type") ?? "application/json";
  return { method, path, status: answer.status, body: await answer.text(), type };
}

/** What each protocol has: the rest is between two neighbours. */
function passedOn(header: string): boolean {
  return /^(authorization|content-type|x-.*|encrypted-signing-method|sessionid)$/.test(header);
}
