import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { Compile } from "typebox/compile";
import { protocolTable } from "../../src/protocol-table.ts";

interface Media {
  readonly schema: object;
  readonly example?: unknown;
}
interface Operation {
  readonly operationId?: string;
  readonly summary?: string;
  readonly parameters?: readonly { readonly in: string; readonly name: string; readonly required?: boolean }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> };
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, Media>>; readonly headers?: object }>
  >;
}
interface Route {
  readonly method: string;
  readonly path: string;
  readonly name: string;
  readonly operation: Operation;
}

describe("/openapi.json", () => {
  let issuer: SandboxIssuer;
  let routes: readonly Route[];
  let webhooks: Readonly<Record<string, { readonly post: Operation }>>;
  before(async () => {
    issuer = await startSandboxIssuer();
    const document = await (await fetch(`${issuer.url}/openapi.json`)).json();
    routes = routesOf(document.paths);
    webhooks = document.webhooks;
  });
  after(() => issuer.stop());

  it("names each operation once, and says in a sentence what it does", () => {
    const operations = [
      ...routes.map(({ operation }) => operation),
      ...Object.values(webhooks).map(({ post }) => post),
    ];
    assert.ok(operations.length > 100);
    for (const { operationId, summary } of operations) {
      assert.match(operationId ?? "", /^[a-z][A-Za-z0-9]+$/, JSON.stringify(operationId ?? summary));
      assert.ok((summary ?? "").length > 3, operationId);
    }
    const names = operations.map(({ operationId }) => operationId);
    assert.deepEqual(names, [...new Set(names)]);
  });

  it("says for every route how it refuses, in its protocol's own shape", () => {
    for (const { name, path, operation } of routes) {
      // Rain's form stands below Spritz' and refuses in words of its own.
      if (path.startsWith("/spritz/v1/issuing/")) continue;
      const own = protocolTable.find(({ prefix }) => path.startsWith(`${prefix}/`));
      const [mediaType = "", media] = Object.entries(operation.responses["default"]?.content ?? {})[0] ?? [];
      assert.equal(
        mediaType,
        own === undefined ? "application/problem+json" : (own.openapi.errorMediaType ?? "application/json"),
        name,
      );
      // RFC 6749 §5.2 has the errors of Venly's and Worldline's token endpoints.
      const isOwn = own !== undefined && !/\/openid-connect\/token$|^\/worldline\/token$/.test(path);
      if (isOwn) assert.deepEqual(membersOf(media?.schema), membersOf(own.errorReply), name);
    }
  });

  it("has an example of every body, which its own schema accepts", () => {
    const operations = [
      ...routes.map(({ name, operation }) => ({ name, operation })),
      ...Object.entries(webhooks).map(([name, { post }]) => ({ name, operation: post })),
    ];
    const faults = operations.flatMap(({ name, operation: { requestBody, responses } }) =>
      [requestBody, ...Object.values(responses)]
        .flatMap((body) => Object.values(body?.content ?? {}))
        .flatMap(({ schema, example }) => faultsOf(schema, example).map((fault) => `${name}: ${fault}`)),
    );
    assert.deepEqual(faults, []);
  });

  it("tells the refusal of a caller without credentials as it is sent, and every header of it", async () => {
    let refused = 0;
    for (const { name, method, path, operation } of routes) {
      if (path.startsWith("/sandbox")) continue;
      const url = `${issuer.url}${path.replaceAll(/\{\w+\}/g, "none")}`;
      const answer = await fetch(url, { method, ...formOf(operation, method) });
      const text = await answer.text();
      const described = operation.responses[answer.status] ?? operation.responses["default"];
      assertHeaders(name, answer.headers, described?.headers ?? {});
      if (answer.status < 400) continue;
      refused++;
      const mediaType = answer.headers.get("content-type")?.split(";")[0] ?? "";
      const schema = described?.content?.[mediaType]?.schema;
      assert.ok(schema, `${name}: ${answer.status} ${mediaType}`);
      assert.deepEqual(Compile(schema).Errors(JSON.parse(text)), [], `${name}: ${text}`);
    }
    assert.ok(refused > 80, String(refused));
  });

  it("describes what the issuer sends: messages, events, and Solaris' notifications", () => {
    const headersOf = ({ parameters = [] }: Operation) =>
      parameters.filter(({ in: place, required }) => place === "header" && required).map(({ name }) => name);
    for (const [name, { post }] of Object.entries(webhooks)) {
      const own = /[A-Z]/.test(name);
      const expected = own ? "solaris-webhook-event-type" : "linchpin-delivery-id,linchpin-signature";
      assert.ok(
        expected.split(",").every((header) => headersOf(post).includes(header)),
        name,
      );
    }
    const events = ["pin.changed", "pin.blocked", "pin.unblocked", "pin.revealed", "card.data_revealed"];
    const others = ["card.state_changed", "device.bound", "device.deleted", "key.rotated", "caller.throttled"];
    for (const name of ["message", ...events, ...others]) assert.ok(name in webhooks, name);
    assert.ok("CARD_LIFECYCLE_EVENT" in webhooks && "WEBHOOK-SUBSCRIPTION" in webhooks);
  });
});

function routesOf(paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>): Route[] {
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([word, operation]) => {
      const method = word.toUpperCase();
      return { method, path, name: `${method} ${path}`, operation };
    }),
  );
}

/** The framework writes a single allowed value in another way. */
function membersOf(schema: object | undefined): unknown {
  const { properties = {}, required = [] } = (schema ?? {}) as { properties?: object; required?: readonly string[] };
  return [Object.keys(properties), required];
}

function faultsOf(schema: object, example: unknown): string[] {
  if (example === undefined) return ["no example"];
  return Compile(schema)
    .Errors(example)
    .map(({ instancePath, message }) => `${instancePath} ${message}`);
}

/** A body as small as the route takes one. */
function formOf({ requestBody }: Operation, method: string): RequestInit {
  if (method === "GET" || requestBody === undefined) return {};
  const [mediaType = ""] = Object.keys(requestBody.content);
  return { headers: { "content-type": mediaType }, body: mediaType.endsWith("json") ? "{}" : "" };
}

/** By HTTP itself, and by what every site on the web sends. */
const generalHeaders =
  /^(date|connection|keep-alive|transfer-encoding|vary|content-.*|cache-control|cross-origin-.*|origin-agent-cluster|referrer-policy|strict-transport-security|x-content-type-options|x-dns-prefetch-control|x-download-options|x-frame-options|x-permitted-cross-domain-policies|x-xss-protection|access-control-allow-origin|linchpin-hint)$/;

function assertHeaders(name: string, sent: Headers, described: object): void {
  for (const header of sent.keys())
    assert.ok(generalHeaders.test(header) || header in described, `${name} sends ${header}`);
}
