import { createCipheriv, createDecipheriv, createECDH, hkdfSync, randomBytes } from "node:crypto";
import { revealPin } from "@linchpin/device/plumery";
import { alteringReply, answering, type HostileRelay, type Sent } from "./relay.ts";
import { type Cardholder, digitsOf, type Scene, toldBy } from "./stage.ts";
import { type Column, stopped, succeeds } from "./trials.ts";

const pathOf = ({ sandbox }: Cardholder) => `/plumery/internal/v1/cards/${sandbox.plumery.cardToken}/pin`;
const fromBase64 = (text: string) => Buffer.from(text, "base64");
/** The point at the end of an SPKI. */
const pointOf = (key: string) => fromBase64(key).subarray(-65);

const aesKey = (secret: Uint8Array, salt: Uint8Array) =>
  Buffer.from(hkdfSync("sha256", secret, salt, Buffer.alloc(0), 32));

/** @returns the PIN; of a refusal its code */
export async function readPinByPlumery(relay: HostileRelay, card: Cardholder): Promise<string> {
  const own = createECDH("prime256v1");
  const headers = { "x-client-public-key": own.generateKeys("base64") };
  const { status, body } = await relay.ask("GET", pathOf(card), undefined, headers);
  if (status !== 200) return body.code;
  const { ephemeralPublicKey, salt, iv, ciphertext } = body.encryptedPayload;
  const key = aesKey(own.computeSecret(pointOf(ephemeralPublicKey)), fromBase64(salt));
  const sealed = fromBase64(ciphertext);
  const decipher = createDecipheriv("aes-256-gcm", key, fromBase64(iv)).setAuthTag(sealed.subarray(-16));
  return JSON.parse(Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]).toString()).pin;
}

/** A PIN of the relay's own, sealed to the key that the device sent. */
function forgedReveal({ headers = {} }: Sent, pin: string) {
  const own = createECDH("prime256v1");
  const ephemeralPublicKey = own.generateKeys("base64");
  const [salt, iv] = [randomBytes(32), randomBytes(12)];
  const key = aesKey(own.computeSecret(pointOf(headers["x-client-public-key"] ?? "")), salt);
  const cipher = createCipheriv("aes-256-gcm", key, iv);
  const ciphertext = Buffer.concat([cipher.update(JSON.stringify({ pin })), cipher.final(), cipher.getAuthTag()]);
  const texts = { salt: salt.toString("base64"), iv: iv.toString("base64"), ciphertext: ciphertext.toString("base64") };
  return { status: 200, body: JSON.stringify({ encryptedPayload: { ephemeralPublicKey, ...texts } }) };
}

async function shownPin({ way, alice }: Scene): Promise<string> {
  return digitsOf(await revealPin({ ...way, cardToken: alice.sandbox.plumery.cardToken }));
}

const setPin = async ({ alice }: Scene) => {
  await alice.solaris.changePin("1928", await alice.solaris.bindDevice());
};

export const plumery: Column = {
  name: "Plumery",
  trials: {
    "reads a PIN by its own credentials": succeeds({
      how: "with a key of its own",
      play: async (scene) => {
        await setPin(scene);
        return (await readPinByPlumery(scene.relay, scene.alice)) === "1928" ? "succeeds" : "not read";
      },
    }),
    "forges an answer": succeeds({
      how: "with a PIN of its own, sealed to the device's key",
      play: async (scene) => {
        scene.relay.conduct = answering("/pin", (sent) => forgedReveal(sent, "6666"));
        return (await shownPin(scene)) === "6666" ? "succeeds" : "not shown";
      },
    }),
    "presents the answer to another message": stopped({
      how: "of an earlier reveal",
      by: "decryption_failed",
      play: async (scene) => {
        await setPin(scene);
        await shownPin(scene);
        const { reply } = scene.relay.last("/pin");
        scene.relay.conduct = answering("/pin", () => reply);
        const told = await toldBy(shownPin(scene));
        return told === "done" ? "succeeds" : told;
      },
    }),
    "downgrades algorithm or version": stopped({
      how: "to a point that is none of the curve",
      by: "public_key_unusable",
      play: async (scene) => {
        await setPin(scene);
        const ephemeralPublicKey = Buffer.concat([Buffer.of(4), Buffer.alloc(64, 1)]).toString("base64");
        scene.relay.conduct = alteringReply("/pin", ({ encryptedPayload }) => ({
          encryptedPayload: { ...encryptedPayload, ephemeralPublicKey },
        }));
        const told = await toldBy(shownPin(scene));
        return told === "done" ? "succeeds" : told;
      },
    }),
  },
};
