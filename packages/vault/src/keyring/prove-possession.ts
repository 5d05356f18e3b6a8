import {
  constants,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  type KeyObject,
  publicEncrypt,
  randomBytes,
  timingSafeEqual,
  verify,
} from "node:crypto";
import { encodeP256PublicKey, LinchpinError, type RsaKeyAlgorithm } from "@linchpin/core";
import { isRsa, isSymmetric, oaepHashOf } from "../algorithms.ts";
import { importPeerPoint } from "../peer-point.ts";
import type { KeyRecord } from "./key-records.ts";
import type { VaultSet } from "./vault-set.ts";

/**
 * Has the key's vault show, by one use, that it holds the private half of the public half in the key's record (proof of
 * possession). Who can write to the database could else put a public key of their own there, and have it published. A
 * symmetric key, which has no public half, is used once, on nothing.
 *
 * @throws LinchpinError `settings_invalid`: the record has no public half, or that of another key; what the vault throws,
 *   where it cannot use the key
 */
export async function provePossession(vaults: VaultSet, key: KeyRecord): Promise<void> {
  if (isSymmetric(key.algorithm) && key.publicKeySpki === null) return useSymmetric(vaults, key);
  const publicKey = importPublicHalf(key);
  if (publicKey === null || !(await holdsPrivateHalf(vaults, key, publicKey)))
    throw new LinchpinError("settings_invalid", {
      reason:
        `the public half of the ${key.purpose} key ${key.id} is not of the private half in its vault: ` +
        "its record was altered. Restore the record from a backup",
    });
}

async function useSymmetric(vaults: VaultSet, key: KeyRecord): Promise<void> {
  if (key.algorithm === "A256GCM") await vaults.vaultOf(key).seal(key, nothing, nothing);
  else await vaults.macVaultOf(key).mac(key, nothing);
}

/**
 * Null where it is no key of the algorithm, or not written as vaults write it: whoever reads a point by its place in the
 * bytes must find there what OpenSSL found.
 */
function importPublicHalf({ algorithm, publicKeySpki }: KeyRecord): KeyObject | null {
  if (publicKeySpki === null) return null;
  try {
    if (isRsa(algorithm)) return importRsa(publicKeySpki);
    return algorithm === "ES256" || algorithm === "HPKE-7" ? importP256(publicKeySpki) : null;
  } catch {
    return null;
  }
}

function importRsa(spki: Uint8Array): KeyObject | null {
  const publicKey = createPublicKey({ key: Buffer.from(spki), format: "der", type: "spki" });
  const isWrittenAlike = publicKey.export({ format: "der", type: "spki" }).equals(spki);
  return isWrittenAlike && publicKey.asymmetricKeyType === "rsa" ? publicKey : null;
}

function importP256(spki: Uint8Array): KeyObject | null {
  const point = spki.subarray(-65);
  const isWrittenAlike = Buffer.compare(encodeP256PublicKey(point, "spki"), spki) === 0;
  return isWrittenAlike ? importPeerPoint(point) : null;
}

function holdsPrivateHalf(vaults: VaultSet, key: KeyRecord, publicKey: KeyObject): Promise<boolean> {
  if (isRsa(key.algorithm)) return decrypts(vaults, { ...key, algorithm: key.algorithm }, publicKey);
  return key.algorithm === "ES256" ? signs(vaults, key, publicKey) : agrees(vaults, key, publicKey);
}

/** What is signed is told from all else that the key signs by its first words. */
async function signs(vaults: VaultSet, key: KeyRecord, publicKey: KeyObject): Promise<boolean> {
  const challenge = Buffer.concat([Buffer.from("linchpin proof of possession\0"), randomBytes(32)]);
  const signature = await vaults.signingVaultOf(key).sign(key, challenge);
  return verify("sha256", challenge, { key: publicKey, dsaEncoding: "ieee-p1363" }, signature);
}

async function agrees(vaults: VaultSet, key: KeyRecord, publicKey: KeyObject): Promise<boolean> {
  const peer = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const peerPoint = peer.publicKey.export({ format: "der", type: "spki" }).subarray(-65);
  const theirs = await vaults.agreementVaultOf(key).agree(key, peerPoint);
  const ours = diffieHellman({ privateKey: peer.privateKey, publicKey });
  const isSame = timingSafeEqual(theirs, ours);
  for (const secret of [theirs, ours]) secret.fill(0);
  return isSame;
}

async function decrypts(
  vaults: VaultSet,
  key: KeyRecord & { readonly algorithm: RsaKeyAlgorithm },
  publicKey: KeyObject,
): Promise<boolean> {
  const challenge = randomBytes(32);
  const wrapped = encrypt(key.algorithm, publicKey, challenge);
  if (wrapped === null) return false;
  return timingSafeEqual(await vaults.vaultOf(key).unwrap(key, wrapped, challenge.length), challenge);
}

/** Null for a key that is too short, as an altered record may hold. */
function encrypt(algorithm: RsaKeyAlgorithm, key: KeyObject, message: Uint8Array): Uint8Array | null {
  const oaepHash = oaepHashOf(algorithm);
  const padding = oaepHash === null ? constants.RSA_PKCS1_PADDING : constants.RSA_PKCS1_OAEP_PADDING;
  try {
    return publicEncrypt({ key, padding, ...(oaepHash === null ? {} : { oaepHash }) }, message);
  } catch {
    return null;
  }
}

const nothing = new Uint8Array();
