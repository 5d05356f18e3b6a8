import { adyen } from "./adyen.ts";
import { lithic } from "./lithic.ts";
import { native } from "./native.ts";
import type { PhoneProtocol } from "./phone-protocol.ts";
import { plumery } from "./plumery.ts";
import { solaris } from "./solaris.ts";
import { spritz } from "./spritz.ts";
import { stripe } from "./stripe.ts";
import { venly } from "./venly.ts";
import { worldline } from "./worldline.ts";

/** Every protocol that the terminal's phone speaks. */
export const phoneProtocols: readonly PhoneProtocol[] = [
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
