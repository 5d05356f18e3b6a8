import { acceptIssuerKey, type IssuerKey, sealedPinKey } from "@linchpin/protocols/solaris/device";
import { refusals } from "@linchpin/protocols/solaris/errors";
import { ask, type WayWithKeys } from "../exchange.ts";
import { base } from "./solaris-wire.ts";

/** @throws LinchpinError `public_key_unusable`; with roots what `PinnedRoots` throws */
export async function fetchIssuerKey(way: WayWithKeys): Promise<IssuerKey> {
  const issuerKey = acceptIssuerKey(await ask(way, { method: "GET", path: `${base}/cards/pin_keys/latest` }, refusals));
  await way.roots?.vouchFor(way, { ...sealedPinKey, key: issuerKey.key });
  return issuerKey;
}
