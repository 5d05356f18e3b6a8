import { type SettingRows, text, type ValuesOf } from "../../settings/index.ts";

export const stripeSettings = {
  cardProgram: {
    name: "LINCHPIN_STRIPE_CARD_PROGRAM",
    help: "id of the program of the cards that partners create by Stripe's protocol",
    default: { value: null, words: "none: no cards are created; in the sandbox its own" },
    parse: text,
  },
} as const satisfies SettingRows;

export type StripeSettings = ValuesOf<typeof stripeSettings>;
