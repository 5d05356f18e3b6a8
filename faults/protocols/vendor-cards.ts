import type { SolarisCardholder } from "@linchpin/testing/solaris";
import { adyenCard } from "./adyen.ts";
import { lithicCard } from "./lithic.ts";
import { rainCard, spritzCard } from "./spritz.ts";
import { stripeCard } from "./stripe.ts";
import type { VendorCard } from "./vendor-card.ts";
import { worldlineCard } from "./worldline.ts";

type MakeVendorCard = (sandbox: SolarisCardholder["sandbox"]) => VendorCard;

/** The card as each protocol has it that the load speaks, beside Solaris and Venly; by the name in the report of a run. */
export const vendorCards: Readonly<Record<string, MakeVendorCard>> = {
  Adyen: ({ adyen }) => adyenCard(adyen),
  Stripe: ({ stripe }) => stripeCard(stripe),
  Lithic: ({ lithic }) => lithicCard(lithic),
  Spritz: ({ spritz }) => spritzCard(spritz),
  Rain: ({ spritz }) => rainCard(spritz.rain),
  Worldline: ({ worldline }) => worldlineCard(worldline),
};
