import { acceptIssuerKey, type IssuerKey } from "@linchpin/protocols/solaris/device";
import { refusals } from "@linchpin/protocols/solaris/errors";
import { ask, type Way } from "./exchange.ts";
import { base } from "./solaris-wire.ts";

/** @throws LinchpinError `public_key_unusable` */
export async function fetchIssuerKey(way: Way): Promise<IssuerKey> {
  return acceptIssuerKey(await ask(way, { method: "GET", path: `${base}/cards/pin_keys/latest` }, refusals));
}
