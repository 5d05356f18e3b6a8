import { constants, createCipheriv, createDecipheriv, publicEncrypt, randomBytes } from "node:crypto";
import { changePin } from "@linchpin/device/spritz";
import { changeTrials } from "./change-trials.ts";
import type { HostileRelay } from "./relay.ts";
import { type Cardholder, hasPin, pinOf, rootsOf, type Scene } from "./stage.ts";
import { type Column, succeeds } from "./trials.ts";

const pathOf = ({ sandbox }: Cardholder) => `/spritz/v1/cards/${sandbox.spritz.cardId}/pin`;
const padding = constants.RSA_PKCS1_OAEP_PADDING;

/** The key is no secret: the relay has it as every app has. */
function wrapped({ sandbox }: Cardholder, sessionKey: Buffer): string {
  const key = { key: sandbox.spritz.publicKey as string, padding, oaepHash: "sha1" };
  return publicEncrypt(key, Buffer.from(sessionKey.toString("base64"))).toString("base64");
}

/** @returns the PIN; of a refusal its code */
async function readPinBySpritz(relay: HostileRelay, card: Cardholder): Promise<string> {
  const sessionKey = randomBytes(16);
  const { status, body } = await relay.ask("POST", pathOf(card), { encryptedKey: wrapped(card, sessionKey) });
  if (status !== 200) return body.code;
  const [iv, data] = [Buffer.from(body.encryptedPin.iv, "base64"), Buffer.from(body.encryptedPin.data, "base64")];
  const decipher = createDecipheriv("aes-128-gcm", sessionKey, iv).setAuthTag(data.subarray(-16));
  const block = Buffer.concat([decipher.update(data.subarray(0, -16)), decipher.final()]).toString();
  return block.slice(2, 2 + Number.parseInt(block[1] ?? "0", 16));
}

/** @returns the status */
async function setPinBySpritz(relay: HostileRelay, card: Cardholder, digits: string): Promise<number> {
  const [sessionKey, iv] = [randomBytes(16), randomBytes(16)];
  const cipher = createCipheriv("aes-128-gcm", sessionKey, iv);
  const block = `2${digits.length}${digits}`.padEnd(16, "F");
  const data = Buffer.concat([cipher.update(block), cipher.final(), cipher.getAuthTag()]).toString("base64");
  const message = { encryptedKey: wrapped(card, sessionKey), encryptedPin: { iv: iv.toString("base64"), data } };
  return (await relay.ask("PUT", pathOf(card), message)).status;
}

const change = (scene: Scene, digits: string, isPinned: boolean) => {
  const { cardId, publicKey } = scene.alice.sandbox.spritz;
  return changePin({ ...scene.way, ...rootsOf(scene, isPinned), cardId, publicKey, pin: pinOf(digits) });
};

// No message hands on the issuer's key: it comes with the app, and there is none to swap and none to weaken.
const {
  "swaps the issuer's key": _swaps,
  "downgrades algorithm or version": _downgrades,
  ...trials
} = changeTrials({
  change,
  keyPath: "/no key comes by the relay",
  changePath: "/pin",
  done: { status: 200, body: JSON.stringify({ success: true }) },
  withKey: (body) => body,
  open: async () => "",
  toCard: (sent, card) => ({ ...sent, path: pathOf(card) }),
  replayed: "400",
});

export const spritz: Column = {
  name: "Spritz",
  trials: {
    ...trials,
    "reads a PIN by its own credentials": succeeds({
      how: "by its API key",
      play: async (scene, isPinned) => {
        await change(scene, "1928", isPinned);
        return (await readPinBySpritz(scene.relay, scene.alice)) === "1928" ? "succeeds" : "not read";
      },
    }),
    "sets a PIN of its own choice": succeeds({
      how: "by its API key",
      play: async ({ relay, alice }) => {
        await setPinBySpritz(relay, alice, "2846");
        return (await hasPin(alice, "2846")) ? "succeeds" : "not set";
      },
    }),
  },
};
