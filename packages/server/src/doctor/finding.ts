/** One finding of an examination of a deployment. */
export interface Finding {
  readonly about: string;
  /** `bad`: it will not start, or loses or shows something; `warning`: it runs, and should be looked at. */
  readonly state: "good" | "warning" | "bad";
  readonly says: string;
  /** The advice; empty where the finding is good. */
  readonly mend: string;
}

export const good = (about: string, says: string): Finding => ({ about, state: "good", says, mend: "" });
export const warning = (about: string, says: string, mend: string): Finding => ({
  about,
  state: "warning",
  says,
  mend,
});
export const bad = (about: string, says: string, mend: string): Finding => ({ about, state: "bad", says, mend });
