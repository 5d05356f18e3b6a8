import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type ErrorCode, LinchpinError } from "@linchpin/core";

/** A parser that faces a stranger, and what must hold for it. */
export interface Target {
  /** Codes that a refusal may have. */
  readonly refusals: readonly ErrorCode[];
  /** What is well formed, or nearly so: where the search starts. */
  readonly seeds: readonly Uint8Array[];
  /** What the format's grammar is made of. */
  readonly words: readonly string[];
  /**
   * Resolves when the input was taken and all that must hold of the result held; rejects with the parser's own
   * LinchpinError. Any other error is a fault.
   */
  take(input: Uint8Array): Promise<void>;
}

export type Verdict = "taken" | ErrorCode;

/** @throws AssertionError, or whatever the parser threw, for a fault */
export async function judge(target: Target, input: Uint8Array): Promise<Verdict> {
  const given = Uint8Array.from(input);
  const verdict = await verdictOf(target, given);
  assert.deepEqual(given, input, "the parser altered what it was given");
  assert.deepEqual(prototypes(), cleanPrototypes, "a prototype was altered");
  return verdict;
}

async function verdictOf(target: Target, input: Uint8Array): Promise<Verdict> {
  try {
    await target.take(input);
    return "taken";
  } catch (error) {
    if (!(error instanceof LinchpinError)) throw error;
    assert.ok(target.refusals.includes(error.code), `refused with ${String(error.code)}`);
    assertTellsNothing(error, input);
    return error.code;
  }
}

/** The work that is allowed, in blocks: linear in what was sent. */
export function allowedBlocks({ length }: Uint8Array): number {
  return 20_000 + 100 * length;
}

/**
 * Neither message nor reason nor cause has eight characters in a row, or four digits, of the input that the sources have
 * not. White space and commas part what the sources list.
 */
function assertTellsNothing(error: Error, input: Uint8Array): void {
  const received = Buffer.from(input).toString("latin1");
  for (let told: unknown = error; told instanceof Error; told = told.cause) {
    const reason = told instanceof LinchpinError ? `${told.reason} ${told.field}` : "";
    const text = `${told.message} ${reason}`;
    for (const piece of [...windows(text, 8), ...windows(text, 4)].filter((piece) =>
      /^([^\s,]{8}|[0-9]{4})$/.test(piece),
    ))
      assert.ok(!received.includes(piece) || isOurs(piece), "the error quotes what was received");
  }
}

function windows(text: string, length: number): string[] {
  return Array.from({ length: Math.max(0, text.length - length + 1) }, (_, at) => text.slice(at, at + length));
}

const packages = join(import.meta.dirname, "../packages");
const sources = globSync(["{core,vault,server,device}/src/**/*.ts", "protocols/*/*.ts"], { cwd: packages })
  .map((file) => readFileSync(join(packages, file), "utf8"))
  .join("\n");

/** Pieces of the sources that errors were made of: to search all sources each time is slow. */
const ours = new Set<string>();

function isOurs(piece: string): boolean {
  if (!ours.has(piece) && sources.includes(piece)) ours.add(piece);
  return ours.has(piece);
}

const cleanPrototypes = prototypes();

function prototypes(): PropertyKey[][] {
  return [Object, Array, Function, String, Number, Uint8Array, Map].map(({ prototype }) => Reflect.ownKeys(prototype));
}
