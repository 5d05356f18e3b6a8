import { LinchpinError } from "@linchpin/core";
import type { AnyVault, KeyAlgorithm } from "../vault.ts";

/** The rules for the keys of one purpose. */
export interface KeyPolicy {
  readonly algorithm: KeyAlgorithm;
  /** How long an earlier version is still accepted after the next one became current; null: without end. */
  readonly gracePeriodMs: number | null;
  /**
   * How long a version is accepted, for purposes that publish the last day of a key. Acceptance ends with that day,
   * UTC. A rotation never shortens it, because the day is published; the next version is made automatically
   * `gracePeriodMs` before the end.
   */
  readonly lifetimeMs?: number;
  /**
   * How many versions serve beside one another (default: one). With two, the first start makes both, and each later
   * version ends the one before the last alone, by the grace period: the other serves meanwhile.
   */
  readonly parallelVersions?: 2;
  /** A key takes seconds to make, as of RSA-4096: a server may start before it has the first one (see `Keyring.ensure`). */
  readonly isSlowToMake?: true;
  /** How long a version stays current before it is rotated automatically. */
  readonly rotateEveryMs?: number;
  /**
   * A setting, as `NAME=value`, with which the purpose needs another algorithm: advice for an operator whose vault
   * declines this one.
   */
  readonly settingForOtherAlgorithm?: string;
}

/** Policies by purpose. */
export type KeyPolicies = ReadonlyMap<string, KeyPolicy>;

/** @throws LinchpinError `not_found`: the keyring has no such purpose */
export function policyOf(policies: KeyPolicies, purpose: string): KeyPolicy {
  const policy = policies.get(purpose);
  if (policy === undefined) throw new LinchpinError("not_found", { reason: "there are no keys of this purpose" });
  return policy;
}

/**
 * Checks that the vault computes the algorithm of every purpose.
 *
 * @throws LinchpinError `settings_invalid`: the vault declines an algorithm; the reason names the purposes that need it
 *   and the settings to change
 */
export function checkAlgorithms(policies: KeyPolicies, vault: AnyVault, vaultName: string): void {
  const needed = new Set([...policies.values()].map(({ algorithm }) => algorithm));
  const declined = [...needed].flatMap((algorithm) => {
    const why = vault.declines?.(algorithm) ?? null;
    return why === null ? [] : [`does not compute ${algorithm} (${why}), which ${adviceFor(policies, algorithm)}`];
  });
  if (declined.length > 0)
    throw new LinchpinError("settings_invalid", { reason: `the vault ${vaultName} ${declined.join("; it ")}` });
}

function adviceFor(policies: KeyPolicies, algorithm: KeyAlgorithm): string {
  const needing = [...policies].filter(([, policy]) => policy.algorithm === algorithm);
  const settings = needing.flatMap(([, { settingForOtherAlgorithm }]) => settingForOtherAlgorithm ?? []);
  const ways = [...new Set(settings), "LINCHPIN_VAULT to another vault"];
  return `the keys for ${needing.map(([purpose]) => purpose).join(", ")} need: set ${ways.join(", or ")}`;
}

/** When a key that becomes current at `currentFrom` ends by its own lifetime; null: it has no lifetime. */
export function endOfLife({ lifetimeMs }: KeyPolicy, currentFrom: Date): Date | null {
  return lifetimeMs === undefined ? null : endOfDay(currentFrom.getTime() + lifetimeMs);
}

/** When the version before ends, if the next one becomes current at `currentFrom`; null: never. */
export function endOfGracePeriod({ gracePeriodMs }: KeyPolicy, currentFrom: Date): Date | null {
  return gracePeriodMs === null ? null : new Date(currentFrom.getTime() + gracePeriodMs);
}

/** The last millisecond of the day, UTC, that contains `timeMs`. */
function endOfDay(timeMs: number): Date {
  const end = new Date(timeMs);
  end.setUTCHours(23, 59, 59, 999);
  return end;
}
