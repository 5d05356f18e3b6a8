import type { Primitives } from "../primitives.ts";

// WebCrypto has no raw AES blocks: each is the first block of a CBC with a zero IV. `key` is 16 or 32 bytes.

const zeroIv = new Uint8Array(16);

/** One block of 16 bytes. */
export async function encryptAesBlock(
  primitives: Pick<Primitives, "encryptAesCbc">,
  key: Uint8Array,
  block: Uint8Array,
): Promise<Uint8Array<ArrayBuffer>> {
  return (await primitives.encryptAesCbc(key, zeroIv, block)).slice(0, 16);
}

/** One block of 16 bytes. The second block is made so that it opens to a whole block of padding. */
export async function decryptAesBlock(
  primitives: Pick<Primitives, "encryptAesCbc" | "decryptAesCbc">,
  key: Uint8Array,
  block: Uint8Array,
): Promise<Uint8Array<ArrayBuffer>> {
  const twoBlocks = new Uint8Array(32);
  twoBlocks.set(block);
  const padding = block.map((byte) => byte ^ 16); // PKCS#7, chained to the block before
  twoBlocks.set(await encryptAesBlock(primitives, key, padding), 16);
  return primitives.decryptAesCbc(key, zeroIv, twoBlocks);
}
