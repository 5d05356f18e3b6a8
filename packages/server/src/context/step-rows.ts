/** The rows of the step table, in the order in which an operation takes them, with what each of them does. */
export const stepRows = {
  card: "the card, and whether this caller may see it",
  cardState: "its state",
  parse: "the message is taken apart",
  sender: "who sealed it",
  key: "the key that it names",
  replay: "never used before",
  attempt: "an attempt is counted, before a secret is compared",
  open: "opened by the vault",
  spend: "used once",
  body: "the body it was sealed for",
  method: "the signing method, and whether this caller may use it",
  policy: "the PIN's rules",
  commit: "one transaction, and the answer",
  refusal: "what is spent where the answer depends on a key or a stored secret, before the refusal",
} as const;

export type StepName = keyof typeof stepRows;

/** An operation as the table shows it: a cell is the function that runs, or null where the operation has no such step. */
export type StepColumn = { readonly name: string } & {
  readonly [Step in StepName]?: ((...given: never[]) => unknown) | null;
};

export function isStepName(member: string): member is StepName {
  return Object.hasOwn(stepRows, member);
}
