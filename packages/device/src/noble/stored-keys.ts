import { bytesFromHex, hexFromBytes, type SigningKey } from "@linchpin/core";
import type { DeviceBinding, DeviceKeys } from "../device-keys.ts";
import { makeSecretKey, type RandomSource, signingKeyOf } from "./noble-primitives.ts";

/** The platform's safe place for texts, as the Keychain or Android's Keystore is behind a React Native package. */
export interface SecretStorage {
  getItem(name: string): Promise<string | null>;
  setItem(name: string, text: string): Promise<void>;
  removeItem(name: string): Promise<void>;
}

/** Keys where there is no WebCrypto. The private key lies in `storage` in clear: the platform has to guard it. */
export function openStoredKeys<Binding extends { key: SigningKey } = DeviceBinding>({
  source,
  storage,
}: {
  source: RandomSource;
  storage: SecretStorage;
}): DeviceKeys<Binding> {
  return {
    makeKey: async () => keptKeyOf(source, makeSecretKey(source)),
    save: async (name, { key, ...binding }) => {
      const secretKeyHex = hexFromBytes((key as unknown as KeptKey).secretKey);
      await storage.setItem(name, JSON.stringify({ ...binding, secretKeyHex }));
    },
    load: async (name) => {
      const text = await storage.getItem(name);
      if (text === null) return undefined;
      const { secretKeyHex, ...binding } = JSON.parse(text) as { secretKeyHex: string };
      return { ...binding, key: keptKeyOf(source, bytesFromHex(secretKeyHex)) } as unknown as Binding;
    },
    forget: (name) => storage.removeItem(name),
  };
}

interface KeptKey extends SigningKey {
  readonly secretKey: Uint8Array;
}

function keptKeyOf(source: RandomSource, secretKey: Uint8Array): KeptKey {
  return { ...signingKeyOf(source, secretKey), secretKey };
}
