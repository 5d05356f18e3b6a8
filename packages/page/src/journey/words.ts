/** What a message is about, for each of the three who have it in hand. */
export interface Words {
  readonly device: string;
  readonly partner: string;
  readonly issuer: string;
  /** In place of the partner's, where no device stands behind the message. */
  readonly direct?: string;
}

const key: Words = {
  device: "asks which key to seal to",
  partner: "sees a public key: no secret",
  issuer: "publishes its latest key; the private half stays in the vault",
};

const rows: readonly (readonly [pattern: RegExp, words: Words])[] = [
  [/^GET \/solaris\/v1\/cards\/(?:[^/]+\/)?pin_keys\/latest/, key],
  [
    /^POST \/solaris\/.*\/pin_update_requests/,
    {
      device: "seals the PIN to the issuer's key, signs it with its own, and wipes it",
      partner: "sees a JWE and a signature: it can read neither, nor swap one for another",
      issuer: "checks the signature, opens the JWE in the vault, seals the PIN for its store",
    },
  ],
  [
    /^POST \/solaris\/.*\/sca_pin_update_requests/,
    {
      device: "seals the PIN to the issuer's key, and wipes it",
      partner: "sees a JWE that only the issuer opens",
      issuer: "opens it, and keeps the PIN sealed until the cardholder confirms",
    },
  ],
  [
    /^POST \/solaris\/.*\/authorize/,
    { device: "asks for a code", partner: "passes it on", issuer: "sends a TAN to the cardholder's number" },
  ],
  [
    /^POST \/solaris\/.*\/confirm/,
    { device: "sends the TAN", partner: "sees a TAN that is good once", issuer: "makes the change" },
  ],
  [
    /^POST \/solaris\/v1\/mfa\/devices/,
    {
      device: "makes a key that never leaves it, and sends the public half",
      partner: "sees a public key",
      issuer: "keeps it as unproved, and sends an OTP to the cardholder's number",
    },
  ],
  [
    /^PUT \/solaris\/v1\/mfa\/challenges/,
    {
      device: "signs the OTP; the OTP itself stays here",
      partner: "sees a signature",
      issuer: "checks it: this phone is the cardholder's",
    },
  ],
  [
    /^POST \/solaris\/oauth2\/token|^POST \/venly\/auth/,
    { device: "", partner: "", direct: "logs in, with its own credentials", issuer: "gives it a token" },
  ],
  [/^GET \/adyen\/.*\/publicKey/, key],
  [
    /^POST \/adyen\/.*\/pins\/change/,
    {
      device: "wraps a fresh AES key by RSA, enciphers the PIN block under it, and wipes both",
      partner: "sees a wrapped key and an ISO 9564 format 4 block",
      issuer: "unwraps the key in the vault, deciphers the block, seals the PIN for its store",
    },
  ],
  [
    /^POST \/adyen\/.*\/pins\/reveal/,
    {
      device: "wraps a fresh AES key by RSA, for the answer alone",
      partner: "sees a wrapped key, and back a block that only that key deciphers",
      issuer: "opens the stored PIN and enciphers it for this one device",
    },
  ],
  [
    /^GET \/plumery\/.*\/pin/,
    {
      device: "makes a P-256 key pair for this call alone",
      partner: "sees two public keys and a sealed PIN",
      issuer: "opens the stored PIN and seals it: ECDH, HKDF, AES-GCM",
    },
  ],
  [/^GET \/venly\/api\/security/, key],
  [
    /^POST \/venly\/api\/users/,
    {
      device: "seals the signing PIN: AES-GCM under a key wrapped by RSA",
      partner: "sees an envelope that only the issuer opens",
      issuer: "opens it, and keeps an HMAC that is good for comparing alone",
    },
  ],
  [
    /^PUT \/venly\/.*signing-methods/,
    {
      device: "seals the new PIN, and the old one with the body's hash",
      partner: "sees two envelopes; it can not put the proof on another body",
      issuer: "compares the old PIN, counts the try, keeps the new one as an HMAC",
    },
  ],
  [
    /^POST \/venly\/api\/transactions/,
    {
      device: "seals the signing PIN with the hash of this very payment",
      partner: "sees the payment and an envelope; neither fits another",
      issuer: "compares the PIN, spends the idempotency key, hands the payment on once",
    },
  ],
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
export function wordsFor(method: string, path: string): Words {
  const message = `${method} ${path}`;
  return rows.find(([pattern]) => pattern.test(message))?.[1] ?? { device: "", partner: "", issuer: "" };
}
