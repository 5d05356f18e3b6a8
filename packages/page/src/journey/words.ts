/** What a message is about, for each of the three who have it in hand. */
export interface Words {
  readonly device: string;
  readonly partner: string;
  readonly issuer: string;
  /** In place of the partner's, where no device stands behind the message. */
  readonly direct?: string;
}

/** A pattern of method and path, and the words for the messages that match it. */
export type WordsRow = readonly [pattern: RegExp, words: Words];

/** For the route at which a protocol publishes the key to seal to. */
export const publishKey: Words = {
  device: "asks which key to seal to",
  partner: "sees a public key: no secret",
  issuer: "publishes its latest key; the private half stays in the vault",
};

/** For the route at which a partner gets an access token. */
export const logIn: Words = {
  device: "",
  partner: "",
  direct: "logs in, with its own credentials",
  issuer: "gives it a token",
};

/** The issuer API's own messages. */
export const issuerWords: readonly WordsRow[] = [
  [
    /^POST \/issuer\/.*\/pin\/verify/,
    {
      device: "a terminal seals the PIN to the issuer's key",
      partner: "",
      direct: "the terminal's own line to the issuer",
      issuer: "opens what the terminal sealed, compares it, counts the try",
    },
  ],
  [
    /^POST \/issuer\/.*\/rotate/,
    {
      device: "",
      partner: "",
      direct: "an operator",
      issuer: "makes the key's next version; the last one is accepted for a while",
    },
  ],
];

/** Empty where the page has no words: the message then speaks for itself. */
export function wordsFor(rows: readonly WordsRow[], method: string, path: string): Words {
  const message = `${method} ${path}`;
  return rows.find(([pattern]) => pattern.test(message))?.[1] ?? { device: "", partner: "", issuer: "" };
}
