import { adyen } from "./http/adyen/adyen.ts";
import { plumery } from "./http/plumery/plumery.ts";
import { solaris } from "./http/solaris/solaris.ts";
import { venly } from "./http/venly/venly.ts";
import type { Protocol } from "./protocol.ts";

/** Every protocol that the issuer speaks. Routes, keys and card names follow from its row. */
export const protocolTable: readonly Protocol[] = [solaris, adyen, venly, plumery];
