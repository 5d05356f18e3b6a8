import { constants, randomBytes } from "node:crypto";
import { Agent, request } from "node:http";
import { makeSandboxFactory } from "@linchpin/sandbox";
import { readSettings } from "@linchpin/server";
import { openOwnContext } from "@linchpin/test-fixtures/issuer/own-context";
import { handMadePinChange } from "@linchpin/test-fixtures/messages/hand-made-adyen";
import { handMadeJwe } from "@linchpin/test-fixtures/messages/hand-made-jwe";
import { AdyenCardholder } from "@linchpin/testing/adyen";
import { SolarisCardholder } from "@linchpin/testing/solaris";
import { createApp } from "../../packages/server/src/app.ts";
import { protocolTable } from "../../packages/server/src/protocol-table.ts";
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
          status: 422,
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
        const { jwk, bodyOf, ...sent } = await cardWithPin(sandboxUrl);
        const plaintext = '{"pin":"2846"}';
        return {
          ...sent,
          status: 422,
          bodies: [
            pool(() => bodyOf(handMadeJwe(jwk, plaintext, { oaepHash: "sha1" }))),
            pool(() => bodyOf(handMadeJwe(jwk, plaintext).replace(/[^.]+$/, randomBytes(32).toString("base64url")))),
          ],
        };
      }),
  },
  {
    name: "`POST …/pin/verify`, over HTTP, beside one of another card",
    classes: ["the other card's PIN right", "the other card's PIN wrong"],
    samples,
    harmless: "load itself: a wrong PIN has a row more to write, and shows as much where no statement is shared",
    prepare: () =>
      overHttp(async (sandboxUrl) => {
        const [own, other] = [await cardWithPin(sandboxUrl), await cardWithPin(sandboxUrl)];
        // Each is new: one that was sent before is refused.
        const asked = () => own.verificationOf(own.pin);
        const right = () => other.verificationOf(other.pin);
        const wrong = () => other.verificationOf("2846");
        return {
          ...own,
          status: 200,
          bodies: [asked, asked],
          beside: { ...other, bodies: [right, wrong], undo: right },
        };
      }),
  },
];

type BodyAt = (index: number) => object;

interface Sent {
  readonly path: string;
  readonly headers: Record<string, string>;
  /** The body of a measurement, for each of the two kinds of input. */
  readonly bodies: readonly [BodyAt, BodyAt];
}

interface Requests extends Sent {
  /** Of the answer to each. */
  readonly status: number;
  /** What arrives just before, to be answered by the same statements. `undo` takes back what it did, once both are answered. */
  readonly beside?: Sent & { readonly undo: () => object };
}

/** A card with a PIN, and verifications of it as its issuer's backend sends them. */
async function cardWithPin(sandboxUrl: string) {
  const pin = "1928";
  const holder = await SolarisCardholder.create(sandboxUrl);
  await holder.changePin(pin, await holder.bindDevice());
  const jwk = (await holder.partner("GET", "/v1/cards/pin_keys/latest")).body;
  const { cardId, apiKey } = holder.sandbox.issuer;
  const bodyOf = (encrypted_pin: string) => ({ encrypted_pin, key_id: jwk.kid });
  return {
    path: `/issuer/v1/cards/${cardId}/pin/verify`,
    headers: { authorization: `Bearer ${apiKey}` },
    pin,
    jwk,
    bodyOf,
    verificationOf: (digits: string) => bodyOf(handMadeJwe(jwk, JSON.stringify({ pin: digits }))),
  };
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
  const { status, beside, ...measured } = await prepare(sandboxUrl);
  const send = ({ path, headers }: Sent, text: string, answered: number) =>
    post(url + path, { agent, headers: { ...headers, "content-type": "application/json" } }, text, answered);
  let [text, besideText] = ["", ""];
  let answeredBeside: Promise<void> = Promise.resolve();
  return {
    load: (which, index) => {
      text = JSON.stringify(measured.bodies[which](index));
      if (beside !== undefined) besideText = JSON.stringify(beside.bodies[which](index));
    },
    run: () => {
      if (beside !== undefined) answeredBeside = send(beside, besideText, 200);
      return send(measured, text, status);
    },
    settle: async () => {
      await answeredBeside;
      if (beside !== undefined) await send(beside, JSON.stringify(beside.undo()), 200);
    },
    stop: async () => {
      agent.destroy();
      await app.close();
      await sandbox.close();
      await close();
    },
  };
}

function post(
  url: string,
  options: { agent: Agent; headers: Record<string, string> },
  body: string,
  status: number,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: "POST", ...options }, (answer) => {
      if (answer.statusCode !== status) reject(new Error(`answered ${answer.statusCode} where ${status} is measured`));
      answer.resume().on("end", resolve);
    });
    sent.on("error", reject).end(body);
  });
}

function pool(make: () => object): BodyAt {
  const bodies = Array.from({ length: poolSize }, make);
  return (index) => bodies[index % poolSize] as object;
}
