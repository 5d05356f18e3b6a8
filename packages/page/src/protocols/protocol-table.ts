import { adyen } from "./adyen.tsx";
import { lithic } from "./lithic.tsx";
import { native } from "./native.tsx";
import { plumery } from "./plumery.tsx";
import type { PageProtocol } from "./protocol.ts";
import { solaris } from "./solaris.tsx";
import { spritz } from "./spritz.tsx";
import { stripe } from "./stripe.tsx";
import { venly } from "./venly.tsx";
import { worldline } from "./worldline.tsx";

/** Every protocol that the page's phone speaks. */
export const protocolTable: readonly [PageProtocol, ...PageProtocol[]] = [
  solaris,
  adyen,
  plumery,
  venly,
  stripe,
  lithic,
  spritz,
  worldline,
  native,
];
