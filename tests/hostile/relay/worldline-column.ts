import {
  constants,
  createCipheriv,
  createPublicKey,
  type KeyObject,
  privateDecrypt,
  publicEncrypt,
  randomBytes,
} from "node:crypto";
import { changePin } from "@linchpin/device/worldline";
import { changeTrials } from "./change-trials.ts";
import { decipherBlock, rsa, shortRsa, spkiOf } from "./crypto.ts";
import { type HostileRelay, parsed, type Sent } from "./relay.ts";
import { addCard, type Cardholder, hasPin, pinOf, rootsOf, type Scene, toldBy } from "./stage.ts";
import { type Column, stopped, stoppedByRoots, succeeds } from "./trials.ts";

const oaep = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha256" };
const xor = (one: Uint8Array, other: Uint8Array) => Buffer.from(one.map((byte, index) => byte ^ (other[index] ?? 0)));

/** The PAN field of ISO 9564 format 4. */
const panField = (pan: string) => Buffer.from(`${pan.length - 12}${pan}`.padEnd(32, "0"), "hex");

function pinOfBlock(key: Uint8Array, blockHex: string, pan: string): string {
  const masked = xor(decipherBlock(key, Buffer.from(blockHex, "hex")), panField(pan));
  const field = decipherBlock(key, masked).toString("hex");
  return field.slice(2, 2 + Number.parseInt(field[1] ?? "0", 16));
}

function blockOf(key: Uint8Array, digits: string, pan: string): string {
  const encipher = (block: Uint8Array) => {
    const aes = createCipheriv("aes-256-ecb", key, null).setAutoPadding(false);
    return Buffer.concat([aes.update(block), aes.final()]);
  };
  const field = Buffer.from(`4${digits.length}${digits}`.padEnd(16, "A") + "5".repeat(16), "hex");
  return encipher(xor(encipher(field), panField(pan))).toString("hex");
}

const pathOf = ({ sandbox }: Cardholder, operation = "pin") =>
  `/worldline/cards/${sandbox.worldline.cardReference}/${operation}`;

function wrapped({ sandbox }: Cardholder, sessionKey: Uint8Array) {
  const spki = { key: Buffer.from(sandbox.worldline.keySets["01"], "base64"), format: "der", type: "spki" } as const;
  const encryptedData = publicEncrypt({ key: createPublicKey(spki), ...oaep }, sessionKey).toString("hex");
  return { algoId: "06", encryptedData, keyId: "01" };
}

/** By the issuer's own id for the card. */
export const externalPathOf = ({ sandbox }: Cardholder, operation = "pin") =>
  `/worldline/cards/external-cards/${sandbox.issuer.cardId}/${operation}`;

/** @returns the PIN; of a refusal its status */
export async function readPinByWorldline(
  relay: HostileRelay,
  card: Cardholder,
  path = pathOf(card, "display-pin"),
): Promise<string> {
  const sessionKey = randomBytes(32);
  const request = { encryptedSessionKey: wrapped(card, sessionKey) };
  const { status, body } = await relay.ask("POST", path, request);
  if (status !== 200) return `${status}`;
  return pinOfBlock(sessionKey, body.data.externalPinAttribute.pinBlock, card.sandbox.worldline.pan);
}

/** @returns the status */
export async function setPinByWorldline(
  relay: HostileRelay,
  card: Cardholder,
  digits: string,
  path = pathOf(card),
): Promise<number> {
  const sessionKey = randomBytes(32);
  const pinBlock = blockOf(sessionKey, digits, card.sandbox.worldline.pan);
  const sealed = { pinBlock, encryptedSessionKey: wrapped(card, sessionKey) };
  const pinAttribute = { pinAlgorithmId: "04", pinBlockFormat: "ISO-4", ...sealed };
  return (await relay.ask("POST", path, { pinAttribute })).status;
}

/** The relay is the bank's backend, which hands the key set over too. */
const changeTo = (scene: Scene, digits: string, isPinned: boolean, publicKey: string) => {
  const { cardReference, pan } = scene.alice.sandbox.worldline;
  const card = { cardReference, pan, keySet: { keyId: "01", publicKey } } as const;
  return changePin({ ...scene.way, ...rootsOf(scene, isPinned), ...card, pin: pinOf(digits) });
};

const change = (scene: Scene, digits: string, isPinned: boolean) =>
  changeTo(scene, digits, isPinned, scene.alice.sandbox.worldline.keySets["01"]);

const done = { status: 200, body: JSON.stringify({ data: {} }) };

/** What is sealed to the relay's key stays with the relay. */
async function changeToKeyOfRelay(scene: Scene, isPinned: boolean, key: KeyObject): Promise<string> {
  scene.relay.conduct = async (sent, pass) => (sent.path.endsWith("/pin") ? done : pass(sent));
  return toldBy(changeTo(scene, "1928", isPinned, spkiOf(key)));
}

/** No other card of these tests has it: here a PAN names a card. */
const panOfItsOwn = "5041159990012340";

/** By the PAN of the other card, and with the PAN that the block is bound to beside it: the bank may name both. */
function toCardByPan({ body }: Sent, other: Cardholder, bound: Cardholder): Sent {
  const named = { pan: other.sandbox.worldline.pan, panExpiryDate: "0731", pinBlockPan: bound.sandbox.worldline.pan };
  return { method: "POST", path: "/worldline/cards/pin", body: JSON.stringify({ ...parsed(body), ...named }) };
}

export const worldline: Column = {
  name: "Worldline",
  trials: {
    ...changeTrials({
      change,
      keyPath: "/no key comes by a message",
      changePath: "/pin",
      done,
      withKey: (body) => body,
      open: async () => "",
      toCard: (sent) => sent,
      replayed: "400",
    }),
    "swaps the issuer's key": stoppedByRoots({
      how: "for a key set of its own, as it hands the key sets over",
      by: "issuer_key_unvouched",
      play: async (scene, isPinned) => {
        const told = await changeToKeyOfRelay(scene, isPinned, rsa.publicKey);
        const sent = scene.relay.seen.findLast(({ path }) => path.endsWith("/pin"));
        if (sent === undefined) return told;
        const { pinBlock, encryptedSessionKey } = parsed(sent.body).pinAttribute;
        const wrappedKey = Buffer.from(encryptedSessionKey.encryptedData, "hex");
        const sessionKey = privateDecrypt({ key: rsa.privateKey, ...oaep }, wrappedKey);
        return pinOfBlock(sessionKey, pinBlock, scene.alice.sandbox.worldline.pan) === "1928" ? "succeeds" : told;
      },
    }),
    "downgrades algorithm or version": stopped({
      how: "to an RSA key of 1024 bits",
      by: "public_key_unusable",
      play: async (scene, isPinned) => {
        const told = await changeToKeyOfRelay(scene, isPinned, shortRsa.publicKey);
        return told === "done" ? "succeeds" : told;
      },
    }),
    "moves a sealed PIN to another card": succeeds({
      how: "of the same person, by its PAN and with the PAN of the block",
      play: async (scene, isPinned) => {
        const other = await addCard(scene.alice, panOfItsOwn, {});
        scene.relay.conduct = (sent, pass) =>
          pass(sent.path.endsWith("/pin") ? toCardByPan(sent, other, scene.alice) : sent);
        await change(scene, "1928", isPinned);
        return (await hasPin(other, "1928")) ? "succeeds" : "not moved";
      },
    }),
    "reads a PIN by its own credentials": succeeds({
      how: "by its token",
      play: async (scene, isPinned) => {
        await change(scene, "1928", isPinned);
        return (await readPinByWorldline(scene.relay, scene.alice)) === "1928" ? "succeeds" : "not read";
      },
    }),
    "sets a PIN of its own choice": succeeds({
      how: "by its token",
      play: async ({ relay, alice }) => {
        await setPinByWorldline(relay, alice, "2846");
        return (await hasPin(alice, "2846")) ? "succeeds" : "not set";
      },
    }),
  },
};
