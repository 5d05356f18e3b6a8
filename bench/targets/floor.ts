// The floor: what a Solaris PIN change costs with the same grouped statements and the same checks as ours, and nothing
// else of ours. node:http, node:crypto, one function. It authenticates one bearer token, checks the device's signature,
// opens the JWE, checks the PIN's rules, seals the PIN, and commits it with replay mark and audit event; one line of log
// a request. No further route, key, limit or error of its own, no metrics.
// `PORT`, `DATABASE_URL`, `WORKERS` (default 2) processes, `LOG_FILE`. `GROUPED=no`: a statement for each call.
import {
  constants,
  createCipheriv,
  createDecipheriv,
  createHmac,
  createPublicKey,
  createSecretKey,
  hash,
  type KeyObject,
  privateDecrypt,
  randomBytes,
  randomUUID,
  timingSafeEqual,
  verify,
} from "node:crypto";
import { openSync, write } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import { checkPinPolicy, Pin, solarisPinPolicy } from "@linchpin/core";
import { findCardForChange } from "../../packages/store/src/cards/find-card-for-change.ts";
import { openPostgresDatabase } from "../../packages/store/src/database/index.ts";
import { type GroupedQuery, GroupQueue } from "../../packages/store/src/groups/index.ts";
import { changePin } from "../../packages/store/src/pins/change-pin.ts";
import { startWorkers } from "./worker-processes.ts";

interface Change {
  readonly encrypted_pin: string;
  readonly key_id: string;
  readonly device_id: string;
  readonly signature: string;
}

const { PORT = "", DATABASE_URL = "", LOG_FILE = "/dev/null", GROUPED = "yes" } = process.env;
const kid = "floor";
const tokenHash = hash("sha256", "floor", "buffer");
/** SubjectPublicKeyInfo up to the point of a P-256 key (RFC 5480 §2). */
const p256SpkiPrefix = Buffer.from("3059301306072a8648ce3d020106082a8648ce3d030107034200", "hex");
/** Of a content key of A256CBC-HS512: the first half is the MAC's key, the second the cipher's. */
const halfBytes = 32;

await startWorkers(serve);

function serve(rsaKey: KeyObject): void {
  const database = openPostgresDatabase({ url: DATABASE_URL });
  const shared = <Parameters extends unknown[], Result>(query: GroupedQuery<Parameters, Result>) => {
    const queue = new GroupQueue(database, query);
    return GROUPED === "yes"
      ? (...parameters: Parameters) => queue.call(...parameters)
      : (...parameters: Parameters) => query(database, ...parameters);
  };
  const store = { findCardForChange: shared(findCardForChange), changePin: shared(changePin) };
  const storageKey = createSecretKey(hash("sha256", "storage", "buffer"));
  const pinKey = JSON.stringify({
    kid,
    kty: "RSA",
    use: "enc",
    alg: "RS256",
    ...createPublicKey(rsaKey).export({ format: "jwk" }),
  });
  const log = openLog();

  createServer(async (request, response) => {
    if (request.method === "GET") {
      response.setHeader("content-type", "application/json").end(pinKey);
      return;
    }
    const requestId = randomUUID();
    try {
      const presented = hash("sha256", request.headers.authorization?.slice("Bearer ".length) ?? "", "buffer");
      if (!timingSafeEqual(presented, tokenHash)) throw 401;
      const name = /^\/solaris\/v1\/cards\/([^/]+)\/pin_update_requests$/.exec(request.url ?? "")?.[1];
      if (name === undefined) throw 404;
      const cardId = await change(name, JSON.parse((await bodyOf(request)).toString()), requestId);
      response.writeHead(204, { "x-request-id": requestId }).end();
      log({ requestId, cardId, status: 204, route: "/v1/cards/:card_account_id/pin_update_requests" });
    } catch (error) {
      log({ requestId, status: error });
      response.writeHead(typeof error === "number" ? error : 500, { "content-length": 0 }).end();
    }
  }).listen(Number(PORT), "127.0.0.1");
  process.on("SIGTERM", () => process.exit(0));

  async function change(name: string, body: Change, requestId: string): Promise<string> {
    const at = new Date();
    const mark = hash("sha256", body.encrypted_pin, "buffer");
    const asked = { protocol: "solaris", name, partnerId: null, deviceId: body.device_id, mark, at };
    const card = await store.findCardForChange(asked);
    if (card === null || card.state !== "active") throw 404;
    const { device } = card;
    const key = device?.keys.find(({ purpose }) => purpose === "restricted");
    if (device === null || !device.verified || device.personId !== card.person.id || key === undefined) throw 403;
    const signature = Buffer.from(body.signature, "hex");
    if (!verify("sha256", Buffer.from(body.encrypted_pin), publicKeyOf(key.publicPoint), signature)) throw 422;
    if (card.isReplayed || body.key_id !== kid) throw 422;
    const digits = open(body.encrypted_pin);
    const pin = new Pin(digits);
    digits.fill(0);
    try {
      checkPinPolicy(pin, solarisPinPolicy);
      const pinVersion = card.pin.version + 1;
      const facts = { operation: "solaris.pin_update_requests", caller: "floor", deviceId: device.id, keyId: kid };
      const content = { occurredAt: at, cardId: card.id, outcome: "done", ...facts, pinVersion, requestId };
      const audit = { subject: card.id, cardId: card.id, occurredAt: at, content: JSON.stringify(content) };
      const result = await store.changePin({
        cardId: card.id,
        fromVersion: card.pin.version,
        sealed: { keyId: "storage", bytes: seal(pin.asciiDigits(), `${card.id}:${pinVersion}`) },
        mark: { mark, keyId: kid },
        unblocks: true,
        offlinePin: false,
        pinHistoryLength: 0,
        at,
        auditAndOutbox: { audit, outbox: [] },
        changeRequestId: null,
      });
      if (result !== "changed") throw 409;
      return card.id;
    } finally {
      pin.wipe();
    }
  }

  /** RFC 7516 and RFC 7518 §5.2.2.2, for RSA-OAEP-256 and A256CBC-HS512: the digits of `{"pin":"…"}`. */
  function open(compact: string): Buffer {
    const [protectedText = "", ...encoded] = compact.split(".", 6);
    const header = JSON.parse(Buffer.from(protectedText, "base64url").toString());
    if (header.alg !== "RSA-OAEP-256" || header.enc !== "A256CBC-HS512" || header.kid !== kid) throw 422;
    const [wrapped, iv, ciphertext, tag] = encoded.map((segment) => Buffer.from(segment, "base64url"));
    if (wrapped === undefined || iv === undefined || ciphertext === undefined || tag === undefined) throw 422;
    const padding = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha256" };
    const contentKey = privateDecrypt({ key: rsaKey, ...padding }, wrapped);
    try {
      const aadBits = Buffer.alloc(8);
      aadBits.writeUInt32BE(8 * protectedText.length, 4);
      const mac = createHmac("sha512", createSecretKey(contentKey.subarray(0, halfBytes)));
      const expected = mac.update(protectedText).update(iv).update(ciphertext).update(aadBits).digest();
      if (!timingSafeEqual(expected.subarray(0, halfBytes), tag)) throw 422;
      const decipher = createDecipheriv("aes-256-cbc", createSecretKey(contentKey.subarray(halfBytes)), iv);
      const plaintext = Buffer.concat([decipher.update(ciphertext), decipher.final()]);
      return plaintext.subarray('{"pin":"'.length, plaintext.length - '"}'.length);
    } finally {
      contentKey.fill(0);
    }
  }

  function seal(digits: Uint8Array, boundTo: string): Uint8Array {
    const iv = randomBytes(12);
    const cipher = createCipheriv("aes-256-gcm", storageKey, iv).setAAD(Buffer.from(boundTo));
    return Buffer.concat([iv, cipher.update(digits), cipher.final(), cipher.getAuthTag()]);
  }
}

function publicKeyOf(publicPoint: Uint8Array): KeyObject {
  const spki = Buffer.concat([p256SpkiPrefix, publicPoint]).toString("base64");
  return createPublicKey(`-----BEGIN PUBLIC KEY-----\n${spki}\n-----END PUBLIC KEY-----`);
}

/** By events: an iterator over the request costs more. */
function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  return new Promise((resolve, reject) => {
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => resolve(Buffer.concat(chunks)));
    request.on("error", reject);
  });
}

/** Lines of JSON, written 2 KB at a time, as ours are. */
function openLog(): (facts: object) => void {
  const file = openSync(LOG_FILE, "a");
  let lines = "";
  return (facts) => {
    lines += `${JSON.stringify({ level: 30, time: Date.now(), pid: process.pid, ...facts, msg: "answered" })}\n`;
    if (lines.length < 2048) return;
    write(file, lines, () => {});
    lines = "";
  };
}
