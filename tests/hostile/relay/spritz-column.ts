import { constants, createCipheriv, createDecipheriv, publicEncrypt, randomBytes } from "node:crypto";
import { changePin } from "@linchpin/device/spritz";
import { changeTrials } from "./change-trials.ts";
import type { HostileRelay } from "./relay.ts";
import { type Cardholder, hasPin, pinOf, rootsOf, type Scene } from "./stage.ts";
import { type Column, mergedTrials, succeeds } from "./trials.ts";

export type Form = "spritz" | "rain";

const padding = constants.RSA_PKCS1_OAEP_PADDING;
const pathOf = (form: Form, { sandbox }: Cardholder) =>
  `/spritz/v1/${form === "rain" ? "issuing/" : ""}cards/${sandbox.spritz.cardId}/pin`;
const publicKeyOf = (form: Form, { spritz }: Cardholder["sandbox"]): string =>
  form === "rain" ? spritz.rain.publicKey : spritz.publicKey;

/** The key is no secret: the relay has it as every app has. */
function wrapped(form: Form, { sandbox }: Cardholder, sessionKey: Buffer): string {
  const key = { key: publicKeyOf(form, sandbox), padding, oaepHash: form === "rain" ? "sha512" : "sha1" };
  return publicEncrypt(key, Buffer.from(sessionKey.toString("base64"))).toString("base64");
}

/** @returns the PIN; of a refusal its status */
export async function readPinBySpritz(relay: HostileRelay, card: Cardholder, form: Form): Promise<string> {
  const sessionKey = randomBytes(16);
  const encryptedKey = wrapped(form, card, sessionKey);
  const path = pathOf(form, card);
  const { status, body } = await (form === "rain"
    ? relay.ask("GET", path, undefined, { SessionId: encryptedKey })
    : relay.ask("POST", path, { encryptedKey }));
  if (status !== 200) return `${status}`;
  const [iv, data] = [Buffer.from(body.encryptedPin.iv, "base64"), Buffer.from(body.encryptedPin.data, "base64")];
  const decipher = createDecipheriv("aes-128-gcm", sessionKey, iv).setAuthTag(data.subarray(-16));
  const block = Buffer.concat([decipher.update(data.subarray(0, -16)), decipher.final()]).toString();
  return block.slice(2, 2 + Number.parseInt(block[1] ?? "0", 16));
}

/** @returns the status */
export async function setPinBySpritz(
  relay: HostileRelay,
  card: Cardholder,
  form: Form,
  digits: string,
): Promise<number> {
  const [sessionKey, iv] = [randomBytes(16), randomBytes(16)];
  const cipher = createCipheriv("aes-128-gcm", sessionKey, iv);
  const block = `2${digits.length}${digits}`.padEnd(16, "F");
  const data = Buffer.concat([cipher.update(block), cipher.final(), cipher.getAuthTag()]).toString("base64");
  const encryptedKey = wrapped(form, card, sessionKey);
  const encryptedPin = { iv: iv.toString("base64"), data };
  const path = pathOf(form, card);
  const { status } = await (form === "rain"
    ? relay.ask("PUT", path, { encryptedPin }, { SessionId: encryptedKey })
    : relay.ask("PUT", path, { encryptedKey, encryptedPin }));
  return status;
}

function trialsBy(form: Form): Column["trials"] {
  const change = (scene: Scene, digits: string, isPinned: boolean) => {
    const { sandbox } = scene.alice;
    const card = { form, cardId: sandbox.spritz.cardId, publicKey: publicKeyOf(form, sandbox) };
    return changePin({ ...scene.way, ...rootsOf(scene, isPinned), ...card, pin: pinOf(digits) });
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
    done: form === "rain" ? { status: 204, body: "" } : { status: 200, body: JSON.stringify({ success: true }) },
    withKey: (body) => body,
    open: async () => "",
    toCard: (sent, card) => ({ ...sent, path: pathOf(form, card) }),
    replayed: "400",
  });
  return {
    ...trials,
    "reads a PIN by its own credentials": succeeds({
      how: "by its API key",
      play: async (scene, isPinned) => {
        await change(scene, "1928", isPinned);
        return (await readPinBySpritz(scene.relay, scene.alice, form)) === "1928" ? "succeeds" : "not read";
      },
    }),
    "sets a PIN of its own choice": succeeds({
      how: "by its API key",
      play: async ({ relay, alice }) => {
        await setPinBySpritz(relay, alice, form, "2846");
        return (await hasPin(alice, "2846")) ? "succeeds" : "not set";
      },
    }),
  };
}

export const spritz: Column = {
  name: "Spritz",
  trials: mergedTrials({ "Spritz' form": trialsBy("spritz"), "Rain's form": trialsBy("rain") }),
};
