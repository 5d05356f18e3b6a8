// What runs in Hermes: a task of the device library on @noble, which sends by `fetchRelay` on React Native's `fetch`.
// Randomness and the answers so far are handed in; the next request is printed, or how the task ended. The same input
// gives the same messages: a run goes on where the last one stopped.
import { type P256Jwk, Pin, type Primitives, type SigningKey } from "@linchpin/core";
import * as adyen from "@linchpin/device/adyen";
import type { DeviceBinding, DeviceKeys } from "@linchpin/device/keys";
import * as lithic from "@linchpin/device/lithic";
import * as native from "@linchpin/device/native";
import * as nativeReveal from "@linchpin/device/native-reveal";
import { noblePrimitives, openStoredKeys, type RandomSource } from "@linchpin/device/noble";
import * as plumery from "@linchpin/device/plumery";
import { fetchRelay } from "@linchpin/device/relay";
import { pinRoots } from "@linchpin/device/roots";
import * as solaris from "@linchpin/device/solaris";
import * as solarisSca from "@linchpin/device/solaris-sca";
import * as spritz from "@linchpin/device/spritz";
import * as stripe from "@linchpin/device/stripe";
import * as venly from "@linchpin/device/venly";
import * as worldline from "@linchpin/device/worldline";
import { answerRequests, type PhoneAnswer } from "./react-native-fetch.ts";

export interface HermesInput {
  readonly task: string;
  /** The names of GET /sandbox, and what the person types. */
  readonly names: Readonly<Record<string, string>>;
  /** What a person types, as ASCII. */
  readonly digits: readonly number[];
  /** Null: there is no source of it; empty: it leaves bytes as they were. */
  readonly random: readonly number[] | null;
  readonly relayUrl: string;
  readonly answers: PhoneAnswer[];
}

declare const input: HermesInput;
declare function print(text: string): void;

const { names } = input;
const digits = () => Uint8Array.from(input.digits);
const name = (which: string) => names[which] ?? "";

answerRequests(input.answers, (request) => print(JSON.stringify({ request })));
const relay = fetchRelay({ baseUrl: input.relayUrl });

function randomSource(): RandomSource | undefined {
  if (input.random === null) return undefined;
  const bytes = Uint8Array.from(input.random);
  let used = 0;
  return {
    getRandomValues: (target) => {
      if (bytes.length > 0 && used + target.length > bytes.length) throw new Error("more randomness is asked for");
      target.set(bytes.subarray(used, used + target.length));
      used += target.length;
    },
  };
}

const source = randomSource();
const pinned = { issuer: name("issuer"), roots: JSON.parse(name("roots") || "[]") as P256Jwk[] };

/** What a screen would show of a PIN. */
const shown = async (pin: Promise<Pin>) => [...(await pin).asciiDigits()];

function keysOf<Binding extends { key: SigningKey }>(): DeviceKeys<Binding> {
  const texts = new Map<string, string>();
  const storage = {
    getItem: (key: string) => Promise.resolve(texts.get(key) ?? null),
    setItem: (key: string, text: string) => Promise.resolve(void texts.set(key, text)),
    removeItem: (key: string) => Promise.resolve(void texts.delete(key)),
  };
  return openStoredKeys<Binding>({ source: source as RandomSource, storage });
}

/** What is done on one phone, by the name of the protocol. */
function tasksOn(primitives: Primitives): Readonly<Record<string, () => Promise<unknown>>> {
  const card = { relay, paymentInstrumentId: name("paymentInstrumentId"), primitives };
  const person = { relay, personId: name("personId") };
  const newPin = () => ({ pin: new Pin(digits()), primitives });
  const withRoots = { relay, roots: pinRoots({ ...pinned, primitives }) };
  return {
    solaris: async () => {
      const bound = { ...person, keys: keysOf<DeviceBinding>() };
      await solaris.bindDevice(bound);
      await solaris.proveBinding({ ...bound, otp: name("otp") });
      return solaris.changePin({ ...bound, ...withRoots, cardId: name("cardId"), ...newPin() });
    },
    "solaris-sca": async () => {
      const change = { ...person, ...withRoots, cardId: name("cardId") };
      const changeRequestId = await solarisSca.requestPinChange({ ...change, ...newPin() });
      return solarisSca.confirmPinChange({ ...person, changeRequestId, tan: name("otp") });
    },
    adyen: async () => {
      await adyen.changePin({ ...card, ...withRoots, ...newPin() });
      return shown(adyen.revealPin({ ...card, ...withRoots }));
    },
    plumery: () => shown(plumery.revealPin({ relay, cardToken: name("cardToken"), primitives })),
    venly: async () => {
      const { signingMethodId: id } = await venly.createUser({
        ...withRoots,
        reference: "Zoë",
        pin: digits(),
        primitives,
      });
      const path = "/api/transactions/execute";
      return venly.sendProtected({
        ...withRoots,
        path,
        body: { to: "Zoë 😀" },
        known: { id, value: digits() },
        primitives,
      });
    },
    spritz: async () => {
      const ofCard = { ...withRoots, cardId: name("spritzCardId"), publicKey: name("spritzPublicKey"), primitives };
      await spritz.changePin({ ...ofCard, ...newPin() });
      return shown(spritz.revealPin(ofCard));
    },
    stripe: () => stripe.changePin({ ...withRoots, cardId: name("stripeCardId"), ...newPin() }),
    lithic: () => lithic.changePin({ ...withRoots, cardToken: name("lithicCardToken"), ...newPin() }),
    worldline: async () => {
      const keySet = { keyId: "01", publicKey: name("worldlinePublicKey") } as const;
      const ofCard = { ...withRoots, cardReference: name("cardReference"), pan: name("pan"), keySet, primitives };
      await worldline.changePin({ ...ofCard, ...newPin() });
      return shown(worldline.revealPin(ofCard));
    },
    native: async () => {
      const task = {
        relay,
        pins: pinned,
        keys: keysOf<native.NativeBinding>(),
        card: name("nativeCardId"),
        primitives,
      };
      const confirmed: string[] = [];
      const ofCard = { ...task, confirm: ({ last4 }: native.ShownSession) => confirmed.push(last4) > 0 };
      const typed = { code: name("otp"), digits: name("pan").slice(-8) };
      await native.bindDevice({ ...task, askForCode: () => Promise.resolve(typed) });
      await native.changePin({ ...ofCard, pin: new Pin(digits()) });
      const verified = await native.verifyPin({ ...ofCard, pin: new Pin(digits()) });
      const pin = await shown(nativeReveal.revealPin(ofCard));
      const { pan } = await nativeReveal.revealCard(ofCard);
      return { verified, pin, pan, confirmed };
    },
  };
}

async function run(): Promise<unknown> {
  const task = tasksOn(noblePrimitives(source))[input.task];
  if (task === undefined) throw new Error(`there is no task ${input.task}`);
  return task();
}

run().then(
  (result) => print(JSON.stringify({ result: result ?? null })),
  (error) => print(JSON.stringify({ error: error.code ?? String(error.stack) })),
);
