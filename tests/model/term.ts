import { answerTyp, labels, type Operation, sessionTyp } from "@linchpin/protocols/native/layout";
import type { AnswerClaims, SessionClaims } from "@linchpin/protocols/native/wire";

// Terms of the symbolic model. Cryptography is perfect: a term says how a value was made, and two values are the same if
// they were made alike. Labels, types and members have the names of the wire's.

/** `key` stands for the whole term: two terms are the same if their keys are. */
export class Term {
  readonly name: string;
  readonly args: readonly Term[];
  readonly key: string;

  constructor(name: string, args: readonly Term[] = []) {
    this.name = name;
    this.args = args;
    this.key = shortened(args.length === 0 ? name : `${name}(${args.map(({ key }) => key).join(",")})`);
  }

  toJSON(): string {
    return this.key;
  }
}

const shortKeys = new Map<string, string>();

/** Nested terms have long texts; a number serves as well, and is the same each time. */
function shortened(text: string): string {
  if (text.length < 40) return text;
  const known = shortKeys.get(text) ?? `#${shortKeys.size}`;
  shortKeys.set(text, known);
  return known;
}

/** What everybody can say: names, numbers, public keys. */
export const word = (text: string | number) => new Term(`"${text}"`);
/** What is known only to whom it was given: nonces, codes, digits, PINs. */
export const secret = (text: string) => new Term(text);
export const privateKey = (key: string) => new Term("private", [word(key)]);
export const publicKey = (key: string) => new Term("public", [word(key)]);
export const lengthOf = (value: Term) => new Term("length", [value]);
export const hash = (value: Term) => new Term("hash", [value]);
/** A part of a message that the operation does not have. */
export const zero = word("zero");
export const parts = (pin: Term, code: Term, digits: Term) => new Term("parts", [pin, code, digits]);

/** HPKE. `seed` is the sender's one-time key, so that no two messages are the same. */
export const sealed = (to: string, info: Term, plaintext: Term, seed: Term) =>
  new Term("sealed", [publicKey(to), info, plaintext, seed]);
export const requestInfo = (h: Term) => new Term("info", [word(labels.request), h]);
export const answerInfo = (h: Term, r: Term) => new Term("info", [word(labels.answer), h, r]);

export const signature = (key: string, over: Term) => new Term("signature", [word(key), over]);
/** What the device signs: its label begins with FF. */
export const deviceSigned = (h: Term, r: Term) => new Term("signed", [word(`FF ${labels.device}`), h, r]);
/** A text, as vendors' protocols have devices sign any. */
export const textSigned = (...args: Term[]) => new Term("text", args);

/** A person and a key stand for their names; a key for its thumbprint too. */
export type Person = "Alice" | "Mallory";
export type Card = "A1" | "A2" | "M";
export type Key = string;

/** The session's claims that matter here, by the names of `SessionClaims`. */
export type Claims = Readonly<
  Pick<SessionClaims, "op" | "auth" | "seq" | "iat" | "device" | "hpke" | "presentPin"> &
    Record<keyof Pick<SessionClaims, "sid" | "nonce">, Term> &
    Record<keyof Pick<SessionClaims, "sub" | "holder">, Person> &
    Record<keyof Pick<SessionClaims, "to">, Person | null> & {
      card: Readonly<Pick<SessionClaims["card"], "version" | "last4"> & { ref: Card }>;
    }
>;

/** A signed session. `h` is over what was signed, not over the signature. */
export interface Session {
  readonly claims: Claims;
  readonly signer: Key;
  readonly h: Term;
  readonly term: Term;
}

export function signedSession(claims: Claims, signer: Key): Session {
  const { card, ...others } = claims;
  const members = { ...others, ...card };
  const input = new Term(sessionTyp, [
    word(signer),
    ...Object.values(members).map((value) => (value instanceof Term ? value : word(`${value}`))),
  ]);
  return { claims, signer, h: hash(input), term: jws(signer, input) };
}

/** The answer's claims that matter here, by the names of `AnswerClaims`. */
export interface Answer {
  readonly h: Term;
  readonly r: Term;
  readonly op: Operation;
  readonly result: AnswerClaims["result"];
  readonly code: string | null;
  /** Of a reveal. */
  readonly sealed: Term | null;
  /** Where another message was first: its `r`. */
  readonly spentBy: Term | null;
  readonly signer: Key;
  readonly term: Term;
}

export function signedAnswer(claims: Omit<Answer, "signer" | "term">, signer: Key): Answer {
  const { h, r, op, result, code, sealed: revealed, spentBy } = claims;
  const input = new Term(answerTyp, [h, r, word(op), word(result), word(`${code}`), revealed ?? zero, spentBy ?? zero]);
  return { ...claims, signer, term: jws(signer, input) };
}

/** Whoever has the private key signs; whoever sees it reads it. */
function jws(signer: Key, input: Term): Term {
  return new Term("jws", [word(signer), input, signature(signer, input)]);
}
