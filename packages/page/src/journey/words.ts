import type { Cardholder } from "../cardholder.ts";

/** What a message is about, for each of the three who have it in hand. */
export interface Words {
  readonly device: string;
  readonly partner: string;
  /** In place of `partner` where the issuer refused, and nothing sealed came back. */
  readonly partnerOfRefusal?: string;
  /** What the issuer has done, once its answer is one of success. */
  readonly issuer: string;
  /** In place of `issuer`, by the outcome that an answer of success names. */
  readonly successful?: Readonly<Record<string, string>>;
  /** In place of `issuer` where a request was answered and yet did not succeed, by the outcome that the answer names. */
  readonly unsuccessful?: Readonly<Record<string, string>>;
  /** In place of the partner's, where no device stands behind the message. */
  readonly direct?: string;
  /** The device library's imports and calls that send the message; `relay` is there. */
  readonly code?: (cardholder: Cardholder) => { readonly imports: string; readonly calls: string };
}

/** A pattern of method and path, and the words for the messages that match it. */
export type WordsRow = readonly [pattern: RegExp, words: Words];

/** For the route at which a protocol publishes the key to seal to. */
export const publishKey: Words = {
  device: "asks which key to seal to",
  partner: "sees a public key: no secret",
  issuer: "publishes its latest key; the private half stays in the vault",
};

/** The signed list of the issuer's keys, which every protocol's devices can hold a key against. */
const keyList: WordsRow = [
  /^GET \/issuer-keys/,
  {
    device: "asks for the list of the issuer's keys",
    partner: "sees the list, and can not alter it: the issuer's root signed it, which the phone knows",
    issuer: "publishes the list of its keys, signed by its root",
  },
];

/** For the route at which a partner gets an access token. */
export const logIn: Words = {
  device: "",
  partner: "",
  direct: "logs in as the partner",
  issuer: "gives it a token",
};

const operator = { device: "", partner: "", direct: "an operator, at the issuer API" };

/** The messages that belong to no protocol: the list of keys, and the issuer API. */
export const issuerWords: readonly WordsRow[] = [
  keyList,
  [
    /^POST \/issuer\/.*\/pin\/verify/,
    {
      device: "a terminal seals the PIN to the issuer's key",
      partner: "",
      direct: "the terminal's own line to the issuer",
      issuer: "opens what the terminal sealed: it is the card's PIN",
      unsuccessful: {
        mismatch: "opens what the terminal sealed: it is not the card's PIN, and the try is counted",
        blocked: "does not compare: the PIN is blocked, after too many wrong ones",
      },
    },
  ],
  [
    /^POST \/issuer\/.*\/rotate/,
    { ...operator, issuer: "makes the key's next version; the last one is accepted for a while" },
  ],
  [/^POST \/issuer\/.*\/pin\/unblock/, { ...operator, issuer: "unblocks the PIN: every try is there again" }],
  [/^PATCH \/issuer\/.*\/cards\//, { ...operator, issuer: "sets the card's state" }],
  [/^\w+ \/issuer\//, { ...operator, issuer: "does what the operator asked" }],
];

/** Empty where the page has no words: the message then speaks for itself. */
export function wordsFor(rows: readonly WordsRow[], method: string, path: string): Words {
  const message = `${method} ${path}`;
  return rows.find(([pattern]) => pattern.test(message))?.[1] ?? { device: "", partner: "", issuer: "" };
}
