import { flag, oneOf, type SettingRows, text, type ValuesOf } from "../../settings/index.ts";

export const spritzSettings = {
  hash: {
    name: "LINCHPIN_SPRITZ_OAEP_HASH",
    help: "hash of RSAES-OAEP and MGF1 by which Spritz' devices wrap session keys: SHA-1 or SHA-512; each has a key of its own",
    default: "SHA-1",
    parse: oneOf("SHA-1", "SHA-512"),
  },
  wrapped: {
    name: "LINCHPIN_SPRITZ_WRAPPED_KEY",
    help: "what Spritz' devices wrap: base64 (the session key's base64 text, as Rain's do) or raw (its bytes, which cost a second decryption)",
    default: "base64",
    parse: oneOf("base64", "raw"),
  },
  rain: {
    name: "LINCHPIN_SPRITZ_RAIN",
    help: "Rain's form of the protocol: off, present (OAEP with SHA-512), legacy (OAEP with SHA-1) or both; each row has a key of its own",
    default: { production: "off", sandbox: "both" },
    parse: oneOf("off", "present", "legacy", "both"),
  },
  allowsAes256: {
    name: "LINCHPIN_SPRITZ_AES256",
    help: "session keys of 32 bytes beside those of 16: on or off; the scheme says AES-128",
    default: "off",
    parse: flag("on", "off"),
  },
  reusesKeysForGets: {
    name: "LINCHPIN_SPRITZ_GET_KEY_REUSE",
    help: "whether a session key may be used for many gets: on or off; a set takes each once whatever this says",
    default: "off",
    parse: flag("on", "off"),
  },
  integratorSecret: {
    name: "LINCHPIN_SPRITZ_INTEGRATOR_SECRET",
    help: "secret of the integrator; with it each request to Spritz' routes needs X-Timestamp and X-Signature",
    default: { value: null, words: "none: the bearer key alone decides" },
    parse: text,
    isSecret: true,
  },
} as const satisfies SettingRows;

export type SpritzSettings = ValuesOf<typeof spritzSettings>;
