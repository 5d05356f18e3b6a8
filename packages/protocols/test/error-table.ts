import { errorCodes, LinchpinError } from "@linchpin/core";

/** One of our errors in the words of a protocol. */
export interface Words {
  readonly status: number;
  readonly code: string;
  /** The protocol's own sentence, where it says it by another than ours. */
  readonly sentence?: string;
}

/** What a protocol answers, as a Markdown table: made from its code, to be held against its README. */
export function errorTable(wordsOf: (error: LinchpinError) => Words): string {
  const errors = errorCodes.map((code) => new LinchpinError(code)).filter((error) => wordsOf(error).status !== 500);
  const answers = Map.groupBy(errors, (error) => `| ${wordsOf(error).status} | \`${wordsOf(error).code}\` |`);
  const lines = [...answers].map(
    ([answer, causes]) => `${answer} ${causes.map((error) => wordsOf(error).sentence ?? error.message).join("; ")} |`,
  );
  return ["| status | code | when |", "| --- | --- | --- |", ...lines.toSorted()].join("\n");
}
