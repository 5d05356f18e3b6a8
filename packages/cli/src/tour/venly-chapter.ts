import { utf8 } from "@linchpin/core";
import { webCryptoPrimitives } from "@linchpin/core/webcrypto";
import {
  acceptIssuerKey,
  type IssuerKey,
  makeEncryptedSigningMethod,
  sealUserRequest,
} from "@linchpin/protocols/venly/device";
import type { SecurityReply, UserReply } from "@linchpin/protocols/venly/wire";
import { type Answer, HttpCaller, wordsOf } from "../http-caller.ts";
import { authenticateByForm } from "../phone/client-credentials.ts";
import { expect, type Say, type Telling } from "./telling.ts";
import { pinOf, shortened, type TourCard } from "./tour-card.ts";

/** A user's own PIN, which is no card's: it authorizes one request, once. */
export async function tellVenly(telling: Telling, tourCard: TourCard): Promise<void> {
  const partner = await authenticateByForm(tourCard.card.venly);
  const issuerKey = await telling.step("The device gets Venly's key", (say) => getKey(say, partner));
  const user = await telling.step("A user gets a signing method", (say) => enroll(say, partner, issuerKey));
  const signer: Signer = { ...user, url: tourCard.url, partner, issuerKey };
  const header = await telling.step("The signing method authorizes a transfer", (say) => transfer(say, signer));
  await telling.step("The same transfer is sent again", (say) => replay(say, signer, header));
  await telling.step("The partner alters the transfer", (say) => alter(say, signer));
}

interface Signer {
  readonly url: string;
  readonly partner: HttpCaller;
  readonly issuerKey: IssuerKey;
  readonly userId: string;
  readonly methodId: string;
}

const typed = "493827";
const headerName = "Encrypted-Signing-Method";

async function getKey(say: Say, partner: HttpCaller): Promise<IssuerKey> {
  const reply = await partner.ask<SecurityReply>("GET", "/api/security");
  const [key] = reply.result.encryptionKeys;
  say("partner", `GET /api/security → ${key?.keyspec}, ${shortened(key?.publicKey ?? "")}`);
  return acceptIssuerKey(reply);
}

async function enroll(
  say: Say,
  partner: HttpCaller,
  issuerKey: IssuerKey,
): Promise<{ userId: string; methodId: string }> {
  const pin = pinOf(typed);
  say("device", `the person typed ${pin}, of six digits`);
  const signingMethod = { type: "PIN", value: pin.asciiDigits() } as const;
  const request = await sealUserRequest(webCryptoPrimitives, issuerKey, {
    reference: "a traveller",
    signingMethod,
  }).finally(() => pin.wipe());
  say("partner", `POST /api/users, value ${shortened(request.value)}`);
  const { result: user } = await partner.ask<UserReply>("POST", "/api/users", request);
  const [method] = user.signingMethods;
  expect(method !== undefined, "a signing method was due, none came");
  say("partner", `→ user ${user.id}, method ${method.id}, ${method.remainingAttempts} attempts`);
  say("vault", "made a keyed hash of the PIN: who steals the database can not try them all");
  return { userId: user.id, methodId: method.id };
}

async function transfer(say: Say, signer: Signer): Promise<string> {
  const body = transferOf(1);
  const header = await authorize(signer, body);
  say("device", "sealed the PIN together with the SHA-256 of this transfer and a key that is used once");
  const answer = await send(signer, body, header);
  say("partner", `POST /api/transactions/execute, ${headerName} ${shortened(header)} → ${answer.status}`);
  expect(answer.status === 200, `200 was due, ${answer.status} ${wordsOf(answer.body).code} came`);
  say("issuer", "the PIN is the user's, the hash is that of the body: signed that it says so, and handed it on");
  const [ran] = await transfersOf(signer);
  expect(ran !== undefined, "the transfer reached no upstream");
  say("upstream", `verified the assertion of method ${ran.methodId}, and sent ${shortened(ran.transactionHash)}`);
  return header;
}

async function replay(say: Say, signer: Signer, header: string): Promise<void> {
  const answer = await send(signer, transferOf(1), header);
  const { code, sentence } = wordsOf(answer.body);
  say("partner", `POST /api/transactions/execute, byte for byte as before → ${answer.status} ${code}`);
  expect(answer.status === 409, `409 was due, ${answer.status} came`);
  say("issuer", sentence);
  await expectOneTransfer(say, signer);
}

async function alter(say: Say, signer: Signer): Promise<void> {
  const header = await authorize(signer, transferOf(1));
  const answer = await send(signer, transferOf(1000), header);
  const { code, sentence } = wordsOf(answer.body);
  say("partner", `POST /api/transactions/execute, 1000 in the place of 1 → ${answer.status} ${code}`);
  expect(answer.status === 400, `400 was due, ${answer.status} came`);
  say("issuer", sentence);
  await expectOneTransfer(say, signer);
}

async function expectOneTransfer(say: Say, signer: Signer): Promise<void> {
  const transfers = await transfersOf(signer);
  expect(transfers.length === 1, `one transfer was due, ${transfers.length} ran`);
  say("upstream", "saw nothing of it: this user's transfer ran once");
}

function transferOf(value: number): Uint8Array {
  const transactionRequest = {
    type: "TRANSFER",
    secretType: "MATIC",
    walletId: "56137f2d-b4e9-42de-943b-cee828eb222a",
    to: "0x8D6331D6C5ba3306961F0b4Ea13ff13aa43560b9",
    value,
  };
  return utf8(JSON.stringify({ transactionRequest }));
}

async function authorize({ issuerKey, methodId }: Signer, body: Uint8Array): Promise<string> {
  const pin = pinOf(typed);
  const method = { id: methodId, value: pin.asciiDigits() };
  return makeEncryptedSigningMethod(webCryptoPrimitives, issuerKey, { method, body }).finally(() => pin.wipe());
}

function send({ partner }: Signer, body: Uint8Array, header: string): Promise<Answer> {
  return partner.send("POST", "/api/transactions/execute", body, { [headerName]: header });
}

/** What the sandbox's built-in upstream carried out for this user. */
async function transfersOf({ url, userId }: Signer): Promise<Transfer[]> {
  const transfers = await new HttpCaller(url).ask<Transfer[]>("GET", "/sandbox/transfers");
  return transfers.filter((transfer) => transfer.userId === userId);
}

interface Transfer {
  readonly userId: string;
  readonly methodId: string;
  readonly transactionHash: string;
}
