import assert from "node:assert/strict";
import type { Scene } from "./stage.ts";

/** What the relay tries, in the words of SECURITY.md's table. */
export const attacks = [
  "swaps the issuer's key",
  "reads a PIN by its own credentials",
  "sets a PIN of its own choice",
  "binds a device of its own",
  "moves a sealed PIN to another card",
  "forges an answer",
  "presents the answer to another message",
  "sends a message again",
  "delivers a message late, after a newer one",
  "downgrades algorithm or version",
  "gets a code for another purpose than the person thinks",
] as const;
type Attack = (typeof attacks)[number];

/** As SECURITY.md's table has it. `n/a`: the protocol has no such message. */
export type Verdict = "stopped" | "stopped by roots" | "succeeds" | "n/a";

/** One way to try an attack. */
export interface Trial {
  readonly how: string;
  /** What the device or the issuer says where the attack is stopped. */
  readonly by?: string;
  /** @returns `succeeds`, found out by what the relay has or the issuer did; else what stopped it */
  readonly play: (scene: Scene, isPinned: boolean) => Promise<string>;
}

export interface Column {
  /** As the table's head has it. */
  readonly name: string;
  readonly trials: Readonly<Partial<Record<Attack, { readonly verdict: Verdict; readonly ways: readonly Trial[] }>>>;
}

export const stopped = (...ways: Trial[]) => ({ verdict: "stopped", ways }) as const;
export const stoppedByRoots = (...ways: Trial[]) => ({ verdict: "stopped by roots", ways }) as const;
export const succeeds = (...ways: Trial[]) => ({ verdict: "succeeds", ways }) as const;

/** The ways of several forms of one protocol, whose verdicts are the same. */
export function mergedTrials(forms: Readonly<Record<string, Column["trials"]>>): Column["trials"] {
  const merged = new Map<string, NonNullable<Column["trials"][Attack]>>();
  for (const [form, trials] of Object.entries(forms))
    for (const [attack, { verdict, ways }] of Object.entries(trials)) {
      const before = merged.get(attack) ?? { verdict, ways: [] };
      assert.equal(verdict, before.verdict, `${attack}, by ${form}`);
      const named = ways.map((way) => ({ ...way, how: `${way.how}, by ${form}` }));
      merged.set(attack, { verdict, ways: [...before.ways, ...named] });
    }
  return Object.fromEntries(merged);
}
