import { hpke7, rsaProfiles } from "@linchpin/core";
import { signingKey } from "@linchpin/protocols/native/issuer";
import type { Context } from "../context/index.ts";

/**
 * Ends the acceptance of every key to which a message may have been sealed before the restore, so that no such message
 * opens again: their replay marks may be among what was lost. A key that was pending in the backup may have been
 * published since, so it is ended too, and the key that is current afterwards was made now. A protocol that is turned off
 * gets no new key, and the ones it had are ended: it may be turned on again.
 * Returns the purposes. @throws LinchpinError `unavailable`, `conflict`: another process rotated a key at the same moment
 */
export async function endIncomingKeys({ keyring }: Pick<Context, "keyring">, facts: object): Promise<string[]> {
  const purposes = await incomingPurposes({ keyring });
  await Promise.all(purposes.map((purpose) => endKeysOf({ keyring }, purpose, facts)));
  return purposes;
}

/**
 * Purposes whose keys open what was sealed elsewhere, and the key that signs sessions: which of them were spent may be lost.
 */
export async function incomingPurposes({ keyring }: Pick<Context, "keyring">): Promise<string[]> {
  const incoming = (await keyring.list()).filter(
    ({ purpose, algorithm }) => algorithm in rsaProfiles || algorithm === hpke7.alg || purpose === signingKey.purpose,
  );
  return [...new Set(incoming.map(({ purpose }) => purpose))];
}

async function endKeysOf({ keyring }: Pick<Context, "keyring">, purpose: string, facts: object): Promise<void> {
  const versions = async () => (await keyring.list()).filter((key) => key.purpose === purpose);
  const known = new Set((await versions()).map(({ id }) => id));
  if (keyring.uses(purpose)) {
    let fresh = 0;
    while (fresh < keyring.parallelVersions(purpose))
      if (!known.has((await keyring.rotate(purpose, facts)).id)) fresh++;
  }
  const ended = keyring.uses(purpose) ? ["accepted"] : ["accepted", "current", "pending"];
  for (const { id, state } of await versions())
    if (ended.includes(state) && known.has(id)) await keyring.retire(id, {}, facts);
}
