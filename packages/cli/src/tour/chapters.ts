import type { SandboxDescription } from "../sandbox.ts";
import type { Telling } from "./telling.ts";
import type { TourCard } from "./tour-card.ts";

/** A protocol's part of the tour. */
interface Chapter {
  /** As in the issuer's protocol table. */
  readonly name: string;
  readonly title: string;
  readonly tell: (telling: Telling, tourCard: TourCard) => Promise<void>;
  /** The card's identifier in the protocol; null where it has none. */
  readonly cardName: (card: SandboxDescription) => string | null;
}

/** In the order in which the tour takes them. A chapter's code is loaded when the tour reaches it. */
export const chapters: readonly Chapter[] = [
  {
    name: "solaris",
    title: "Solaris",
    tell: async (...given) => (await import("./solaris-chapter.ts")).tellSolaris(...given),
    cardName: ({ solaris }) => solaris.cardAccountId,
  },
  {
    name: "plumery",
    title: "Plumery",
    tell: async (...given) => (await import("./plumery-chapter.ts")).tellPlumery(...given),
    cardName: ({ plumery }) => plumery.cardToken,
  },
  {
    name: "adyen",
    title: "Adyen",
    tell: async (...given) => (await import("./adyen-chapter.ts")).tellAdyen(...given),
    cardName: ({ adyen }) => adyen.paymentInstrumentId,
  },
  {
    name: "stripe",
    title: "Stripe",
    tell: async (...given) => (await import("./stripe-chapter.ts")).tellStripe(...given),
    cardName: ({ stripe }) => stripe.cardId,
  },
  {
    name: "lithic",
    title: "Lithic",
    tell: async (...given) => (await import("./lithic-chapter.ts")).tellLithic(...given),
    cardName: ({ lithic }) => lithic.cardToken,
  },
  {
    name: "spritz",
    title: "Spritz",
    tell: async (...given) => (await import("./spritz-chapter.ts")).tellSpritz(...given),
    cardName: ({ spritz }) => spritz.cardId,
  },
  {
    name: "worldline",
    title: "Worldline",
    tell: async (...given) => (await import("./worldline-chapter.ts")).tellWorldline(...given),
    cardName: ({ worldline }) => worldline.cardReference,
  },
  {
    name: "venly",
    title: "Venly",
    tell: async (...given) => (await import("./venly-chapter.ts")).tellVenly(...given),
    cardName: () => null,
  },
  {
    name: "native",
    title: "Native",
    tell: async (...given) => (await import("./native-chapter.ts")).tellNative(...given),
    cardName: ({ native }) => native.cardId,
  },
];
