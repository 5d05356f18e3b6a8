import type { CardOfPan, PanMac } from "@linchpin/store";
import type { Context } from "../context/index.ts";

/** Of the key that PANs are found by. An earlier version computes what is looked for until all PANs have a newer MAC. */
export const panIndexPurpose = "card-pan";

/** By the current key. `pan` is ASCII digits. */
export function panMacOf({ keyring }: Pick<Context, "keyring">, pan: Uint8Array): Promise<PanMac> {
  return keyring.mac(panIndexPurpose, pan);
}

/** The cards of this PAN, ASCII digits; the newest first. */
export async function findCardsByPan({ keyring, store }: Context, pan: Uint8Array): Promise<CardOfPan[]> {
  const keys = await keyring.usable(panIndexPurpose);
  const macs = await Promise.all(keys.map(({ id }) => keyring.mac(panIndexPurpose, pan, id)));
  return store.findCardsByPan(macs.map(({ bytes }) => bytes));
}
