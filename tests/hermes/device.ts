// What runs in Hermes: a task of the device library on @noble, which sends by `fetchRelay` on React Native's `fetch`.
// Randomness and the answers so far are handed in; the next request is printed, or how the task ended. The same input
// gives the same messages: a run goes on where the last one stopped.
import * as adyen from "@linchpin/device/adyen";
import { noblePrimitives, openStoredKeys, type RandomSource } from "@linchpin/device/noble";
import * as plumery from "@linchpin/device/plumery";
import { fetchRelay } from "@linchpin/device/relay";
import * as solaris from "@linchpin/device/solaris";
import * as solarisSca from "@linchpin/device/solaris-sca";
import * as venly from "@linchpin/device/venly";
import { answerRequests, type PhoneAnswer } from "./react-native-fetch.ts";

export interface HermesInput {
  readonly task: string;
  /** The names of GET /sandbox, and what the person types. */
  readonly names: Readonly<Record<string, string>>;
  /** Of each kind of typing, the digits as ASCII; null: no source of randomness. */
  readonly digits: readonly number[];
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
      target.set(bytes.subarray(used, used + target.length));
      used += target.length;
    },
  };
}

async function run(): Promise<unknown> {
  const source = randomSource();
  const primitives = noblePrimitives(source);
  const card = { relay, paymentInstrumentId: name("paymentInstrumentId"), primitives };
  const person = { relay, personId: name("personId") };
  const newPin = () => ({ cardId: name("cardId"), pin: new solaris.Pin(digits()), primitives });
  switch (input.task) {
    case "solaris": {
      const texts = new Map<string, string>();
      const storage = {
        getItem: (key: string) => Promise.resolve(texts.get(key) ?? null),
        setItem: (key: string, text: string) => Promise.resolve(void texts.set(key, text)),
        removeItem: (key: string) => Promise.resolve(void texts.delete(key)),
      };
      const bound = { ...person, keys: openStoredKeys({ source: source as RandomSource, storage }) };
      await solaris.bindDevice(bound);
      await solaris.proveBinding({ ...bound, otp: name("otp") });
      return solaris.changePin({ ...bound, ...newPin() });
    }
    case "solaris-sca": {
      const changeRequestId = await solarisSca.requestPinChange({ ...person, ...newPin() });
      return solarisSca.confirmPinChange({ ...person, changeRequestId, tan: name("otp") });
    }
    case "adyen":
      await adyen.changePin({ ...card, pin: new adyen.Pin(digits()) });
      return [...(await adyen.revealPin(card)).asciiDigits()];
    case "plumery":
      return [...(await plumery.revealPin({ relay, cardToken: name("cardToken"), primitives })).asciiDigits()];
    default: {
      const { signingMethodId: id } = await venly.createUser({ relay, reference: "Zoë", pin: digits(), primitives });
      const path = "/api/transactions/execute";
      return venly.sendProtected({ relay, path, body: { to: "Zoë 😀" }, known: { id, value: digits() }, primitives });
    }
  }
}

run().then(
  (result) => print(JSON.stringify({ result: result ?? null })),
  (error) => print(JSON.stringify({ error: error.code ?? String(error.stack) })),
);
