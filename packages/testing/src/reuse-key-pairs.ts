import type { SandboxOptions } from "@linchpin/sandbox";

type KeyPairSource = NonNullable<SandboxOptions["keyPairs"]>;
type KeyPair = Awaited<ReturnType<KeyPairSource>>;

/** The key pairs that issuers of this process have made, in their order. */
const made: Readonly<Record<Parameters<KeyPairSource>[0], Promise<KeyPair>[]>> = { rsa: [], "rsa-4096": [], ec: [] };

/** Key pairs for one issuer: those that earlier issuers of this process made, as making them takes most of a start. */
export function reuseKeyPairs(): KeyPairSource {
  const taken = { rsa: 0, "rsa-4096": 0, ec: 0 };
  return async (kind, generate) => {
    const index = taken[kind]++;
    made[kind][index] ??= generate();
    const { secret, publicKeySpki } = await made[kind][index];
    // The vault wipes what it is given.
    return { secret: Uint8Array.from(secret), publicKeySpki };
  };
}
