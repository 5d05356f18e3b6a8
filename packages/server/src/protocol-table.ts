import type { Protocol } from "./protocol.ts";
import { adyen } from "./protocols/adyen/adyen.ts";
import { plumery } from "./protocols/plumery/plumery.ts";
import { solaris } from "./protocols/solaris/solaris.ts";
import { venly } from "./protocols/venly/venly.ts";

/** Every protocol that the issuer speaks. Routes, keys and card names follow from its row. */
export const protocolTable: readonly Protocol[] = [solaris, adyen, venly, plumery];
