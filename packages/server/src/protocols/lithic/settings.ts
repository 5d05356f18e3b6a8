import { oneOf, type SettingRows, text, type ValuesOf } from "../../settings/index.ts";

export const lithicSettings = {
  cardProgram: {
    name: "LINCHPIN_LITHIC_CARD_PROGRAM",
    help: "id of the program of the cards that partners create by Lithic's protocol",
    default: { value: null, words: "none: no cards are created; in the sandbox its own" },
    parse: text,
  },
  keyForm: {
    name: "LINCHPIN_LITHIC_KEY_FORM",
    help: "form of Lithic's PEM file: spki (BEGIN PUBLIC KEY) or pkcs1 (BEGIN RSA PUBLIC KEY)",
    default: "spki",
    parse: oneOf("spki", "pkcs1"),
  },
} as const satisfies SettingRows;

export type LithicSettings = ValuesOf<typeof lithicSettings>;
