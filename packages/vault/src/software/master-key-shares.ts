import { createHash, randomBytes } from "node:crypto";
import { concatBytes, LinchpinError } from "@linchpin/core";
import { combine, split } from "shamir-secret-sharing";

/**
 * One custodian's share of a master key. Any `threshold` of the shares of one split restore the key; fewer reveal nothing
 * about it.
 */
export interface MasterKeyShare {
  /** Number of the custodian, 1 to `shares`. */
  readonly custodian: number;
  /** How many shares the split has. */
  readonly shares: number;
  readonly threshold: number;
  /** Identifies the split: 2 bytes, hex. */
  readonly splitId: string;
  /** `masterKeyFingerprint` of the key that was split. */
  readonly fingerprint: string;
  /** The share itself, as Shamir's scheme made it: 33 bytes. */
  readonly part: Uint8Array;
}

/**
 * Splits a master key into 2 to 16 shares.
 *
 * @throws LinchpinError `settings_invalid`: there are fewer than 2 or more than 16 shares, or the threshold is not
 *   between 2 and the number of shares
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
 * Restores the master key from its shares. The caller wipes it.
 *
 * @throws LinchpinError `settings_invalid`: there are too few shares, one share is given twice, or the shares belong to
 *   different splits
 */
export async function joinMasterKeyShares(shares: readonly MasterKeyShare[]): Promise<Uint8Array> {
  const [first, ...others] = shares;
  if (first === undefined || shares.length < first.threshold) throw invalid("there are too few shares");
  const foreign = others.find((share) => !isOfSameSplit(share, first));
  if (foreign !== undefined) throw invalid(`the share of custodian ${foreign.custodian} is of another split`);
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

/**
 * Identifies a master key without revealing anything about it: the first 6 bytes of SHA-256 over a label and the key,
 * hex.
 */
export function masterKeyFingerprint(masterKey: Uint8Array): string {
  return createHash("sha256").update("linchpin master key\0").update(masterKey).digest("hex").slice(0, 12);
}

/**
 * Formats a share for writing down, in ten groups of Crockford's base32 (without I, L, O, U). Nine groups of eight
 * characters contain `01 ‖ split (2) ‖ fingerprint (6) ‖ threshold ‖ shares ‖ custodian ‖ part (33)`, and each ends with
 * a check character. The tenth group, of five characters, checks the other nine.
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
 * Parses a share as `formatShare` writes it. Case, white space and hyphens are ignored.
 *
 * @throws LinchpinError `encoding_invalid`: the text is no share; the reason names the mistyped group, or says how many
 *   characters there are
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

/**
 * The check character of a group: Luhn's algorithm modulo 32, which starts with the group's number, so that it also
 * detects groups in the wrong order. It detects every single wrong character.
 */
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
