import assert from "node:assert/strict";
import { LinchpinError, utf8 } from "@linchpin/core";
import * as adyen from "@linchpin/device/adyen";
import * as plumery from "@linchpin/device/plumery";
import type { RelayAnswer } from "@linchpin/device/relay";
import * as solaris from "@linchpin/device/solaris-sca";
import * as spritz from "@linchpin/device/spritz";
import * as venly from "@linchpin/device/venly";
import * as worldline from "@linchpin/device/worldline";
import type { Target } from "../target.ts";
import { rsaSpki } from "./well-formed.ts";

// The device half, against a relay that answers whatever it likes: the input is its answers, as JSON, in their order.

const spki = Buffer.from(rsaSpki).toString("base64");
const json = [
  "{",
  "}",
  "[",
  "]",
  ",",
  ":",
  "null",
  "0",
  "1e999",
  '""',
  '"__proto__"',
  '"constructor"',
  '"toString"',
  "[]",
  "{}",
];

/** What a function of the device library does with the answers. */
function withRelay(
  answers: readonly unknown[],
  words: readonly string[],
  run: (way: { relay: { send(): Promise<RelayAnswer> } }) => Promise<unknown>,
): Target {
  return {
    refusals: [
      "public_key_unusable",
      "answer_malformed",
      "decryption_failed",
      "encoding_invalid",
      "outcome_unknown",
      "unavailable",
      "refused",
      "caller_unknown",
      "caller_not_allowed",
      "rate_limited",
      "replayed",
      "card_unknown",
      "card_blocked",
      "card_terminated",
      "pin_not_set",
      "pin_blocked",
      "conflict",
      "pin_refused",
      "key_expired",
    ],
    seeds: [answers, [{ status: 400, body: { errors: [{ code: "x" }] } }]].map((list) => utf8(JSON.stringify(list))),
    words: [...json, '"status":400', '"status":500', '"body":', ...words],
    take: async (input) => {
      const answers = answersIn(input);
      await run({ relay: { send: async () => answers.shift() ?? { status: 503, body: undefined } } });
    },
  };
}

function answersIn(input: Uint8Array): RelayAnswer[] {
  try {
    const list: unknown = JSON.parse(Buffer.from(input).toString());
    assert.ok(Array.isArray(list));
    return list.map((answer) => ({ status: Number(answer?.status) || 200, body: answer?.body }));
  } catch {
    throw new LinchpinError("answer_malformed");
  }
}

const adyenKey = { status: 200, body: { publicKey: spki, publicKeyExpiryDate: "2999-12-31" } };
const adyenWords = [
  '"publicKey":',
  '"{\\"kty\\":\\"RSA\\"}"',
  '"encryptedPinBlock":',
  '"token":',
  '"1234567891234567"',
  '"errorCode":',
];
const pan = "1".repeat(16);

const deviceAdyenReveal = withRelay(
  [adyenKey, { status: 200, body: { encryptedPinBlock: "0".repeat(32), token: pan } }],
  adyenWords,
  (way) => adyen.revealPin({ ...way, paymentInstrumentId: "p" }),
);

const deviceAdyenChange = withRelay([adyenKey, { status: 200, body: { status: "completed" } }], adyenWords, (way) =>
  adyen.changePin({ ...way, paymentInstrumentId: "p", pin: new adyen.Pin(utf8("1928")) }),
);

const devicePlumeryReveal = withRelay(
  [
    {
      status: 200,
      body: {
        encryptedPayload: {
          iv: "AAAAAAAAAAAAAAAA",
          ciphertext: "A".repeat(40),
          ephemeralPublicKey: Buffer.from(rsaSpki).toString("base64"),
          salt: "AAAA",
        },
      },
    },
  ],
  ['"code":', '"urn:plmr:cards:connector:CARD_NOT_FOUND"', '"encryptedPayload":', '"iv":'],
  (way) => plumery.revealPin({ ...way, cardToken: "c" }),
);

const jwk = {
  kid: "k",
  kty: "RSA",
  use: "enc",
  alg: "RS256",
  n: spki.slice(44, 386).replaceAll("+", "-").replaceAll("/", "_"),
  e: "AQAB",
};

const deviceSolarisChange = withRelay(
  [
    { status: 200, body: jwk },
    { status: 201, body: { id: "r", status: "ACCEPTED" } },
  ],
  ['"errors":', '"code":', '"kid":', '"n":', '"e":"AQAB"'],
  (way) => solaris.requestPinChange({ ...way, personId: "p", cardId: "c", pin: new solaris.Pin(utf8("1928")) }),
);

const deviceVenlyMethod = withRelay(
  [
    {
      status: 200,
      body: {
        success: true,
        result: { encryptionKeys: [{ id: "k", publicKey: spki, encryptionAlgorithm: "RSAES_OAEP_SHA_256" }] },
      },
    },
    { status: 200, body: { success: true, result: { id: "u", signingMethods: [{ id: "m" }] } } },
  ],
  ['"errors":', '"code":', '"result":', '"encryptionKeys":', '"signingMethods":'],
  (way) => venly.createUser({ ...way, reference: "r", pin: utf8("192837") }),
);

const spritzWords = [
  '"encryptedPin":',
  '"iv":',
  '"data":',
  '"resourceType":"card"',
  '"errorMessageCodes":["replayed"]',
];
const publicKey = `-----BEGIN PUBLIC KEY-----\n${spki}\n-----END PUBLIC KEY-----\n`;

const deviceSpritzReveal = withRelay(
  [
    {
      status: 200,
      body: { encryptedPin: { iv: "AAECAwQFBgcICQoLDA0ODw==", data: "i0sK2G0OhlqquHEYO2WZ77OBZt16A8l/zZuoLTif4sM=" } },
    },
  ],
  spritzWords,
  (way) => spritz.revealPin({ ...way, cardId: "c", publicKey }),
);

const deviceSpritzChange = withRelay([{ status: 200, body: { success: true } }], spritzWords, (way) =>
  spritz.changePin({ ...way, cardId: "c", publicKey, form: "rain", pin: new spritz.Pin(utf8("1928")) }),
);

const worldlineCard = { cardReference: "2000000000096013", pan: "5041151234567890" };
const keySet = { keyId: "01", publicKey: spki } as const;
const worldlineWords = ['"data":', '"externalPinAttribute":', '"pinBlock":', '"responseMetadata":', '"statusMessage":'];

const deviceWorldlineReveal = withRelay(
  [{ status: 200, body: { data: { externalPinAttribute: { pinBlock: "0".repeat(32) } } } }],
  worldlineWords,
  (way) => worldline.revealPin({ ...way, ...worldlineCard, keySet }),
);

const deviceWorldlineChange = withRelay([{ status: 200, body: { data: {} } }], worldlineWords, (way) =>
  worldline.changePin({ ...way, ...worldlineCard, keySet, pin: new worldline.Pin(utf8("1928")) }),
);

/** By the name of the folder that its corpus is in. */
export const deviceTargets = {
  "device-adyen-reveal": deviceAdyenReveal,
  "device-adyen-change": deviceAdyenChange,
  "device-plumery-reveal": devicePlumeryReveal,
  "device-solaris-change": deviceSolarisChange,
  "device-venly-method": deviceVenlyMethod,
  "device-spritz-reveal": deviceSpritzReveal,
  "device-spritz-change": deviceSpritzChange,
  "device-worldline-reveal": deviceWorldlineReveal,
  "device-worldline-change": deviceWorldlineChange,
};
