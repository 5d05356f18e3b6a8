import { changePin } from "@linchpin/device/stripe";
import { CompactEncrypt } from "jose";
import { changeTrials } from "./change-trials.ts";
import { openJwe, publicKeyOf } from "./crypto.ts";
import { type HostileRelay, parsed } from "./relay.ts";
import { type Cardholder, hasPin, pinOf, rootsOf, type Scene } from "./stage.ts";
import { type Column, succeeds } from "./trials.ts";

const pathOf = ({ sandbox }: Cardholder) => `/stripe/v1/issuing/cards/${sandbox.stripe.cardId}`;

/** @returns the status */
export async function setPinByStripe(relay: HostileRelay, card: Cardholder, digits: string): Promise<number> {
  const { body } = await relay.ask("GET", "/stripe/v1/keys");
  const jwe = await new CompactEncrypt(Buffer.from(digits))
    .setProtectedHeader({ alg: "RSA-OAEP", enc: "A128CBC-HS256", kid: body.key_id })
    .encrypt(publicKeyOf(body.jwk));
  return (await relay.ask("POST", pathOf(card), { pin: { encrypted_number: jwe } })).status;
}

const change = (scene: Scene, digits: string, isPinned: boolean) =>
  changePin({
    ...scene.way,
    ...rootsOf(scene, isPinned),
    cardId: scene.alice.sandbox.stripe.cardId,
    pin: pinOf(digits),
  });

export const stripe: Column = {
  name: "Stripe",
  trials: {
    ...changeTrials({
      change,
      keyPath: "/v1/keys",
      changePath: "/issuing/",
      done: { status: 200, body: JSON.stringify({ id: "ic_1", object: "issuing.card" }) },
      withKey: (body, key) => ({ ...body, jwk: { ...body.jwk, ...key.export({ format: "jwk" }) } }),
      open: ({ body }) => openJwe(parsed(body).pin.encrypted_number),
      toCard: (sent, card) => ({ ...sent, path: pathOf(card) }),
      replayed: "400",
    }),
    "sets a PIN of its own choice": succeeds({
      how: "by its secret key",
      play: async ({ relay, alice }) => {
        await setPinByStripe(relay, alice, "2846");
        return (await hasPin(alice, "2846")) ? "succeeds" : "not set";
      },
    }),
  },
};
