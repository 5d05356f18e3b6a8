import type { Protocol } from "./protocol.ts";
import { adyen } from "./protocols/adyen/index.ts";
import { lithic } from "./protocols/lithic/index.ts";
import { native } from "./protocols/native/index.ts";
import { plumery } from "./protocols/plumery/index.ts";
import { solaris } from "./protocols/solaris/index.ts";
import { spritz } from "./protocols/spritz/index.ts";
import { stripe } from "./protocols/stripe/index.ts";
import { venly } from "./protocols/venly/index.ts";
import { worldline } from "./protocols/worldline/index.ts";

/** Every protocol that the issuer speaks. Routes, keys and card names follow from its row. */
export const protocolTable: readonly Protocol[] = [
  solaris,
  adyen,
  venly,
  plumery,
  stripe,
  spritz,
  lithic,
  worldline,
  native,
];
