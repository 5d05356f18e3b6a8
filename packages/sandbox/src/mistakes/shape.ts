import type { Mistakes } from "./mistake.ts";

/** A member of a request, or of what a message holds, beside what is documented. */
export interface ShapeEvidence {
  /** Members that are not documented, by their names; empty where there are none. */
  readonly unknown: readonly string[];
  readonly documented: readonly string[];
  /** Of the unknown members, those that are documented one level below, as `name belongs in other`. */
  readonly misplaced: readonly string[];
  /** Members that are null. */
  readonly nulls: readonly string[];
  /** Members whose values are numbers and must be text. */
  readonly numbers: readonly string[];
}

export const shapeMistakes = {
  misplacedMember: {
    says: ({ misplaced }) => `not documented here: ${misplaced.join(", ")}`,
    shows: ({ misplaced }) => misplaced.length > 0,
  },
  unknownMember: {
    says: ({ unknown, documented }) => `${unknown.join(", ")}: not documented; what is: ${documented.join(", ")}`,
    shows: ({ unknown }) => unknown.length > 0,
  },
  nullMember: {
    says: ({ nulls }) => `${nulls.join(", ")}: null is no value here; leave the member out, or give it one`,
    shows: ({ nulls }) => nulls.length > 0,
  },
  numberForText: {
    says: ({ numbers }) =>
      `${numbers.join(", ")}: a number, which loses leading zeros; it must be text, in quotation marks`,
    shows: ({ numbers }) => numbers.length > 0,
  },
} as const satisfies Mistakes<ShapeEvidence>;
