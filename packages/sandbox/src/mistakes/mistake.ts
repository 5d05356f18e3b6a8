/** A mistake that integrators make, and how it shows in what a refused request carried. */
interface Mistake<Evidence> {
  /** The explanation for the caller: what was found, and what it must be. */
  readonly says: string | ((evidence: Evidence) => string);
  readonly shows: (evidence: Evidence) => boolean;
}

/** The mistakes of one mechanism, the likeliest reading first. */
export type Mistakes<Evidence> = Readonly<Record<string, Mistake<Evidence>>>;

/** What the first row that shows says; null where none does. */
export function explainBy<Evidence>(mistakes: Mistakes<Evidence>, evidence: Evidence): string | null {
  const found = Object.values(mistakes).find(({ shows }) => shows(evidence));
  if (found === undefined) return null;
  return typeof found.says === "string" ? found.says : found.says(evidence);
}
