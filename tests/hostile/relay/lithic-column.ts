import { constants, privateDecrypt, publicEncrypt, randomInt } from "node:crypto";
import { changePin } from "@linchpin/device/lithic";
import { changeTrials } from "./change-trials.ts";
import { rsa } from "./crypto.ts";
import { type HostileRelay, parsed } from "./relay.ts";
import { type Cardholder, hasPin, pinOf, rootsOf, type Scene } from "./stage.ts";
import { type Column, succeeds } from "./trials.ts";

const keyPath = "/lithic/assets/api/api.lithic.com.pub.pem";
const pathOf = ({ sandbox }: Cardholder) => `/lithic/v1/cards/${sandbox.lithic.cardToken}`;
const oaep = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha1" };

/** @returns the status */
export async function setPinByLithic(relay: HostileRelay, card: Cardholder, digits: string): Promise<number> {
  const { body: key } = await relay.ask("GET", keyPath);
  const message = Buffer.from(`{"nonce":${randomInt(10_000_000, 99_999_999)},"pin":"${digits}"}`);
  const pin = publicEncrypt({ key, ...oaep }, message).toString("base64");
  return (await relay.ask("PATCH", pathOf(card), { pin })).status;
}

const change = (scene: Scene, digits: string, isPinned: boolean) =>
  changePin({
    ...scene.way,
    ...rootsOf(scene, isPinned),
    cardToken: scene.alice.sandbox.lithic.cardToken,
    pin: pinOf(digits),
  });

export const lithic: Column = {
  name: "Lithic",
  trials: {
    ...changeTrials({
      change,
      keyPath,
      changePath: "/v1/cards/",
      done: { status: 200, body: "{}" },
      withKey: (_pem, key) => key.export({ format: "pem", type: "spki" }).toString(),
      open: async ({ body }) =>
        privateDecrypt({ key: rsa.privateKey, ...oaep }, Buffer.from(parsed(body).pin, "base64")).toString(),
      toCard: (sent, card) => ({ ...sent, path: pathOf(card) }),
      replayed: "400",
    }),
    "sets a PIN of its own choice": succeeds({
      how: "by its API key",
      play: async ({ relay, alice }) => {
        await setPinByLithic(relay, alice, "2846");
        return (await hasPin(alice, "2846")) ? "succeeds" : "not set";
      },
    }),
  },
};
