import { createHash, randomBytes } from "node:crypto";
import { concatBytes, LinchpinError } from "@linchpin/core";
import { combine, split } from "shamir-secret-sharing";

/** One custodian's part of a master key. Any `threshold` of the `shares` of one split restore it; fewer tell nothing. */
export interface MasterKeyShare {
  /** 1 to `shares`: whose it is. */
  readonly custodian: number;
  readonly shares: number;
  readonly threshold: number;
  /** Which split it is of, hex. */
  readonly splitId: string;
  /** First 6 bytes of SHA-256 over a label and the master key, hex. */
  readonly fingerprint: string;
  /** Opaque, 33 bytes. */
  readonly part: Uint8Array;
}

/**
 * A split among 2 to 16 custodians.
 *
 * @throws LinchpinError `settings_invalid`: the threshold is not from 2 to the number of shares, or there are too many.
 */
export async function splitMasterKey(
  masterKey: Uint8Array,
  { shares, threshold }: { shares: number; threshold: number },
): Promise<MasterKeyShare[]> {
  if (
    !(Number.isInteger(shares) && Number.isInteger(threshold) && 2 <= threshold && threshold <= shares && shares <= 16)
  )
    throw invalid("a master key is split into 2 to 16 shares, of which 2 or more restore it");
  const splitId = randomBytes(2).toString("hex");
  const parts = await split(Uint8Array.from(masterKey), shares, threshold);
  const fingerprint = masterKeyFingerprint(masterKey);
  return parts.map((part, index) => ({ custodian: index + 1, shares, threshold, splitId, fingerprint, part }));
}

/**
 * The master key that was split. The caller wipes it.
 *
 * @throws LinchpinError `settings_invalid`: too few shares, one twice, or shares that do not belong together.
 */
export async function joinMasterKeyShares(shares: readonly MasterKeyShare[]): Promise<Uint8Array> {
  const [first, ...others] = shares;
  if (first === undefined || shares.length < first.threshold) throw invalid("there are too few shares");
  const stranger = others.find((share) => !isOfSameSplit(share, first));
  if (stranger !== undefined) throw invalid(`the share of custodian ${stranger.custodian} is of another split`);
  if (new Set(shares.map(({ custodian }) => custodian)).size < shares.length) throw invalid("a share is there twice");
  const masterKey = await combine(shares.map(({ part }) => Uint8Array.from(part))).catch((cause) => {
    throw invalid("the shares do not belong together", cause);
  });
  if (masterKey.length === 32 && masterKeyFingerprint(masterKey) === first.fingerprint) return masterKey;
  throw invalid("the shares do not belong together: what they give is not the key that was split");
}

export function isOfSameSplit(one: MasterKeyShare, other: MasterKeyShare): boolean {
  return (
    one.splitId === other.splitId &&
    one.fingerprint === other.fingerprint &&
    one.threshold === other.threshold &&
    one.shares === other.shares
  );
}

/** Tells master keys apart and nothing of them, as they are random. */
export function masterKeyFingerprint(masterKey: Uint8Array): string {
  return createHash("sha256").update("linchpin master key\0").update(masterKey).digest("hex").slice(0, 12);
}

/**
 * A share to be written down: ten groups of Crockford's base32 (no I, L, O, U), `01 ‖ split (2) ‖ fingerprint (6) ‖
 * threshold ‖ shares ‖ custodian ‖ part (33)` in nine groups of eight, each with a check character, and a group of five
 * that checks them all.
 */
export function formatShare(share: MasterKeyShare): string[] {
  const { custodian, shares, threshold, splitId, fingerprint, part } = share;
  const bytes = concatBytes(
    Uint8Array.of(version),
    Buffer.from(splitId, "hex"),
    Buffer.from(fingerprint, "hex"),
    Uint8Array.of(threshold, shares, custodian),
    part,
  );
  const groups = base32Of(bytes).match(/.{8}/g) ?? [];
  return [...groups.map((group, index) => group + checkOfGroup(group, index)), checkOfAll(groups)];
}

/**
 * What `formatShare` wrote; case, white space and hyphens do not matter.
 *
 * @throws LinchpinError `encoding_invalid`: the reason names the group that is mistyped, or what is missing.
 */
export function parseShare(text: string): MasterKeyShare {
  const typed = text.toUpperCase().replace(/[\s-]/g, "").replaceAll("O", "0").replaceAll(/[IL]/g, "1");
  if (typed.length !== 9 * 9 + 5)
    throw mistyped(`a share has nine groups of nine characters and one of five: this has ${typed.length} characters`);
  const groups = Array.from({ length: 9 }, (_, index) => typed.slice(index * 9, index * 9 + 8));
  for (const [index, group] of groups.entries())
    if (typed[index * 9 + 8] !== checkOfGroup(group, index)) throw mistyped(`group ${index + 1} is mistyped`);
  if (typed.slice(81) !== checkOfAll(groups)) throw mistyped("a group is mistyped, or the last one is");
  return shareOf(bytesOf(groups.join("")));
}

function shareOf(bytes: Uint8Array): MasterKeyShare {
  const hex = (from: number, to: number) => Buffer.from(bytes.subarray(from, to)).toString("hex");
  const [threshold = 0, shares = 0, custodian = 0] = bytes.subarray(9, 12);
  if (bytes[0] !== version || custodian < 1 || custodian > shares || threshold < 2 || threshold > shares)
    throw mistyped("this is no share of a master key");
  return { custodian, shares, threshold, splitId: hex(1, 3), fingerprint: hex(3, 9), part: bytes.slice(12) };
}

function base32Of(bytes: Uint8Array): string {
  const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, "0")).join("");
  return (bits.match(/.{5}/g) ?? []).map((five) => alphabet[Number.parseInt(five, 2)]).join("");
}

function bytesOf(text: string): Uint8Array {
  const bits = Array.from(text, (character) => alphabet.indexOf(character).toString(2).padStart(5, "0")).join("");
  return Uint8Array.from(bits.match(/.{8}/g) ?? [], (eight) => Number.parseInt(eight, 2));
}

/** Luhn's algorithm, mod 32, from the group's number on: no one character can be another unseen. */
function checkOfGroup(group: string, index: number): string {
  const sum = Array.from(group, (character, at) => {
    const doubled = alphabet.indexOf(character) * (at % 2 === 0 ? 1 : 2);
    return Math.floor(doubled / 32) + (doubled % 32);
  }).reduce((total, addend) => total + addend, index);
  return alphabet[(32 - (sum % 32)) % 32] ?? "";
}

function checkOfAll(groups: readonly string[]): string {
  const digest = createHash("sha256")
    .update(`linchpin share\0${groups.join("")}`)
    .digest();
  return Array.from(digest.subarray(0, 5), (byte) => alphabet[byte % 32]).join("");
}

function invalid(reason: string, cause?: unknown): LinchpinError {
  return new LinchpinError("settings_invalid", { reason, cause });
}

function mistyped(reason: string): LinchpinError {
  return new LinchpinError("encoding_invalid", { reason });
}

const version = 1;
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
