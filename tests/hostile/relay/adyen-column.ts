import { constants, createCipheriv, createPublicKey, privateDecrypt, publicEncrypt } from "node:crypto";
import { changePin } from "@linchpin/device/adyen";
import { changeTrials } from "./change-trials.ts";
import { decipherBlock, rsa, spkiOf } from "./crypto.ts";
import { type HostileRelay, parsed } from "./relay.ts";
import { type Cardholder, hasPin, pinOf, rootsOf, type Scene } from "./stage.ts";
import { type Column, succeeds } from "./trials.ts";

const padding = constants.RSA_PKCS1_PADDING;
const token = "8374188662676926";
const panField = Buffer.from(`4${token}${"0".repeat(15)}`, "hex");
const xor = (one: Uint8Array, other: Uint8Array) => Buffer.from(one.map((byte, index) => byte ^ (other[index] ?? 0)));

/** The PIN of a block of ISO 9564 format 4, by the token beside it. */
function pinOfBlock(key: Uint8Array, blockHex: string, usedToken: string): string {
  const used = Buffer.from(`4${usedToken}${"0".repeat(15)}`, "hex");
  const field = decipherBlock(key, xor(decipherBlock(key, Buffer.from(blockHex, "hex")), used)).toString("hex");
  return field.slice(2, 2 + Number.parseInt(field[1] ?? "0", 16));
}

async function issuersKey(relay: HostileRelay, use: string) {
  const { body } = await relay.ask("GET", `/adyen/publicKey?purpose=${use}`);
  return createPublicKey({ key: Buffer.from(body.publicKey, "base64"), format: "der", type: "spki" });
}

async function wrapped(relay: HostileRelay, use: string, sessionKey: Uint8Array) {
  return publicEncrypt({ key: await issuersKey(relay, use), padding }, sessionKey)
    .toString("hex")
    .toUpperCase();
}

const nameOf = ({ sandbox }: Cardholder): string => sandbox.adyen.paymentInstrumentId;

/** @returns the PIN; of a refusal its status */
export async function readPinByAdyen(relay: HostileRelay, card: Cardholder): Promise<string> {
  const sessionKey = Buffer.alloc(32, 7);
  const request = {
    paymentInstrumentId: nameOf(card),
    encryptedKey: await wrapped(relay, "pinReveal", sessionKey),
  };
  const { status, body } = await relay.ask("POST", "/adyen/pins/reveal", request);
  return status === 200 ? pinOfBlock(sessionKey, body.encryptedPinBlock, body.token) : `${status}`;
}

/** @returns the status */
export async function setPinByAdyen(relay: HostileRelay, card: Cardholder, digits: string): Promise<number> {
  const sessionKey = Buffer.alloc(32, 9);
  const cipher = (block: Uint8Array) => {
    const aes = createCipheriv("aes-256-ecb", sessionKey, null).setAutoPadding(false);
    return Buffer.concat([aes.update(block), aes.final()]);
  };
  const field = Buffer.from(`4${digits.length}${digits}`.padEnd(16, "A") + "5".repeat(16), "hex");
  const request = {
    paymentInstrumentId: nameOf(card),
    encryptedKey: await wrapped(relay, "pinChange", sessionKey),
    encryptedPinBlock: cipher(xor(cipher(field), panField))
      .toString("hex")
      .toUpperCase(),
    token,
  };
  return (await relay.ask("POST", "/adyen/pins/change", request)).status;
}

const change = (scene: Scene, digits: string, isPinned: boolean) =>
  changePin({
    ...scene.way,
    ...rootsOf(scene, isPinned),
    paymentInstrumentId: nameOf(scene.alice),
    pin: pinOf(digits),
  });

export const adyen: Column = {
  name: "Adyen",
  trials: {
    ...changeTrials({
      change,
      keyPath: "/publicKey",
      changePath: "/pins/change",
      done: { status: 200, body: JSON.stringify({ status: "completed" }) },
      withKey: (body, key) => ({ ...body, publicKey: spkiOf(key) }),
      open: async ({ body }) => {
        const { encryptedKey, encryptedPinBlock, token } = parsed(body);
        const key = privateDecrypt({ key: rsa.privateKey, padding }, Buffer.from(encryptedKey, "hex"));
        return pinOfBlock(key, encryptedPinBlock, token);
      },
      toCard: (sent, card) => ({
        ...sent,
        body: JSON.stringify({ ...parsed(sent.body), paymentInstrumentId: nameOf(card) }),
      }),
      replayed: "422",
    }),
    "reads a PIN by its own credentials": succeeds({
      how: "by its role",
      play: async (scene, isPinned) => {
        await change(scene, "1928", isPinned);
        return (await readPinByAdyen(scene.relay, scene.alice)) === "1928" ? "succeeds" : "not read";
      },
    }),
    "sets a PIN of its own choice": succeeds({
      how: "by its role",
      play: async ({ relay, alice }) => {
        await setPinByAdyen(relay, alice, "2846");
        return (await hasPin(alice, "2846")) ? "succeeds" : "not set";
      },
    }),
  },
};
