import type { SigningKey } from "@linchpin/core";
import { makeSigningKeyPair, signingKeyOf } from "@linchpin/core/webcrypto";

/** What a bound device keeps at Solaris: which device it is to the issuer, and its key. */
export interface DeviceBinding {
  readonly deviceId: string;
  /** The challenge that the binding is proved by. */
  readonly challengeId: string;
  readonly key: SigningKey;
}

/**
 * Where a device keeps its bindings, one a name. Keys come out able to sign, and no other way. `Binding` is what the
 * protocol keeps: texts and numbers beside the key.
 */
export interface DeviceKeys<Binding extends { key: SigningKey } = DeviceBinding> {
  makeKey(): Promise<SigningKey>;
  /** `binding.key` is one that `makeKey` made or `load` gave. It takes the place of the one that was there. */
  save(name: string, binding: Binding): Promise<void>;
  load(name: string): Promise<Binding | undefined>;
  forget(name: string): Promise<void>;
}

/** In the browser's IndexedDB, non-extractable: script on this origin can sign with the key and never read it. */
export function openDeviceKeys<Binding extends { key: SigningKey } = DeviceBinding>(
  databaseName = "linchpin",
): DeviceKeys<Binding> {
  const inStore = async <Value>(mode: IDBTransactionMode, act: (store: IDBObjectStore) => IDBRequest<Value>) => {
    const database = await openDatabase(databaseName);
    try {
      const transaction = database.transaction(storeName, mode);
      const request = act(transaction.objectStore(storeName));
      await new Promise((resolve, reject) => {
        transaction.oncomplete = resolve;
        transaction.onabort = () => reject(transaction.error);
      });
      return request.result;
    } finally {
      database.close();
    }
  };
  return {
    makeKey,
    save: async (name, { key, ...binding }) => {
      await inStore("readwrite", (store) => store.put({ ...binding, pair: (key as KeptKey).pair }, name));
    },
    load: async (name) => {
      const kept: { pair: CryptoKeyPair } | undefined = await inStore("readonly", (store) => store.get(name));
      if (!kept) return undefined;
      const { pair, ...binding } = kept;
      return { ...binding, key: await keptKeyOf(pair) } as unknown as Binding;
    },
    forget: (name) => inStore("readwrite", (store) => store.delete(name)),
  };
}

interface KeptKey extends SigningKey {
  readonly pair: CryptoKeyPair;
}

const storeName = "bindings";

async function makeKey(): Promise<KeptKey> {
  return keptKeyOf(await makeSigningKeyPair());
}

async function keptKeyOf(pair: CryptoKeyPair): Promise<KeptKey> {
  return { ...(await signingKeyOf(pair)), pair };
}

function openDatabase(name: string): Promise<IDBDatabase> {
  const request = indexedDB.open(name, 1);
  return new Promise((resolve, reject) => {
    request.onupgradeneeded = () => request.result.createObjectStore(storeName);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
