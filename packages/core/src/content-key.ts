/** A vault's private-key operation with one key: `lengthBytes` bytes come back, whatever `wrapped` holds. */
export type Unwrap = (wrapped: Uint8Array, lengthBytes: number) => Promise<Uint8Array>;

/**
 * Unwraps a content key, runs `use` with it and wipes it.
 * @throws what `unwrap` and `use` throw
 */
export async function withContentKey<Result>(
  unwrap: Unwrap,
  { wrappedKey, lengthBytes }: { readonly wrappedKey: Uint8Array; readonly lengthBytes: number },
  use: (contentKey: Uint8Array) => Promise<Result>,
): Promise<Result> {
  const contentKey = await unwrap(wrappedKey, lengthBytes);
  try {
    return await use(contentKey);
  } finally {
    contentKey.fill(0);
  }
}
