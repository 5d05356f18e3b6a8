import { constants, randomBytes } from "node:crypto";
import { Agent, request } from "node:http";
import { makeSandboxFactory } from "@linchpin/sandbox";
import { readSettings } from "@linchpin/server";
import { openOwnContext } from "@linchpin/test-fixtures/issuer/own-context";
import { handMadePinChange } from "@linchpin/test-fixtures/messages/hand-made-adyen";
import { handMadeJwe } from "@linchpin/test-fixtures/messages/hand-made-jwe";
import { AdyenCardholder } from "@linchpin/testing/adyen";
import { SolarisCardholder } from "@linchpin/testing/solaris";
import { createApp } from "../packages/server/src/app.ts";
import { protocolTable } from "../packages/server/src/protocol-table.ts";
import { knownToItsMaker, type TimedOperation, type TimingCase } from "./timing-test.ts";

const poolSize = 64;
const samples = 1000;

/** The same, as a caller sees it: over loopback, from an issuer without the sandbox's explanations. */
export const httpTimingCases: readonly TimingCase[] = [
  {
    name: "Adyen `POST /pins/change`, over HTTP",
    classes: ["well padded, no PIN block", "not padded"],
    samples,
    prepare: () =>
      overHttp(async (sandboxUrl) => {
        const holder = await AdyenCardholder.create(sandboxUrl);
        const { publicKey } = (await holder.partner("GET", "/publicKey?purpose=pinChange")).body;
        const make = (wrong: Parameters<typeof handMadePinChange>[2]) =>
          pool(() => handMadePinChange(publicKey, holder.paymentInstrumentId, wrong));
        return {
          path: "/adyen/bcl/v2/pins/change",
          headers: { "x-api-key": holder.apiKey },
          bodies: [
            make({ digits: "284B" }),
            pool(() => {
              const wrapped = Buffer.concat([Buffer.of(0, 0x55), randomBytes(254)]);
              const wrong = { wrapped, padding: constants.RSA_NO_PADDING };
              return handMadePinChange(publicKey, holder.paymentInstrumentId, wrong);
            }),
          ],
        };
      }),
  },
  {
    name: "`POST …/pin/verify`, over HTTP",
    classes: ["key does not unwrap", "tag wrong"],
    samples,
    harmless: knownToItsMaker,
    prepare: () =>
      overHttp(async (sandboxUrl) => {
        const holder = await SolarisCardholder.create(sandboxUrl);
        await holder.changePin("1928", await holder.bindDevice());
        const jwk = (await holder.partner("GET", "/v1/cards/pin_keys/latest")).body;
        const body = (encrypted_pin: string) => ({ encrypted_pin, key_id: jwk.kid });
        const plaintext = '{"pin":"2846"}';
        return {
          path: `/issuer/v1/cards/${holder.sandbox.issuer.cardId}/pin/verify`,
          headers: { authorization: `Bearer ${holder.sandbox.issuer.apiKey}` },
          bodies: [
            pool(() => body(handMadeJwe(jwk, plaintext, { oaepHash: "sha1" }))),
            pool(() => body(handMadeJwe(jwk, plaintext).replace(/[^.]+$/, randomBytes(32).toString("base64url")))),
          ],
        };
      }),
  },
];

interface Requests {
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly bodies: readonly [readonly object[], readonly object[]];
}

async function overHttp(prepare: (sandboxUrl: string) => Promise<Requests>): Promise<TimedOperation> {
  const { context, close } = await openOwnContext(() => new Date());
  const settings = readSettings({ LINCHPIN_MODE: "sandbox" });
  const sandbox = await createApp(context, {
    protocols: protocolTable,
    settings,
    sandbox: await makeSandboxFactory().open(context, { protocols: protocolTable, masterKey: randomBytes(32) }),
  });
  const app = await createApp(context, {
    protocols: protocolTable,
    settings: { ...settings, requestsPerMinute: 0 },
    sandbox: null,
  });
  const agent = new Agent({ keepAlive: true });
  let sandboxUrl = "";
  Object.assign(context, { publicUrl: () => sandboxUrl });
  sandboxUrl = await sandbox.listen({ port: 0, host: "127.0.0.1" });
  const url = await app.listen({ port: 0, host: "127.0.0.1" });
  const { path, headers, bodies } = await prepare(sandboxUrl);
  const texts = bodies.map((list) => list.map((body) => JSON.stringify(body)));
  let text = "";
  return {
    load: (which, index) => {
      text = texts[which]?.[index % poolSize] ?? "";
    },
    run: () => post(url + path, { agent, headers: { ...headers, "content-type": "application/json" } }, text),
    stop: async () => {
      agent.destroy();
      await app.close();
      await sandbox.close();
      await close();
    },
  };
}

function post(url: string, options: { agent: Agent; headers: Record<string, string> }, body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: "POST", ...options }, (answer) => {
      if (answer.statusCode !== 422)
        reject(new Error(`answered ${answer.statusCode}: not the refusal that is measured`));
      answer.resume().on("end", resolve);
    });
    sent.on("error", reject).end(body);
  });
}

function pool<Input>(make: () => Input): Input[] {
  return Array.from({ length: poolSize }, make);
}
