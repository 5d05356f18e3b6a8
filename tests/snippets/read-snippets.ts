/** A fenced block of a paper, with what stands around it. */
export interface Snippet {
  /** The words behind the fence: its language, then what is to be done with it. */
  readonly kind: string;
  readonly line: number;
  readonly code: string;
  /** What is hidden from readers: a comment `<!-- given …-->` before it, and `<!-- afterwards …-->` behind it. */
  readonly given: string;
  readonly afterwards: string;
  /** The block of kind `text output` that follows: what it prints, `…` standing for anything. */
  readonly output: string | null;
}

/** Every block, of which those of kind `text output` belong to the one before. */
export function readSnippets(markdown: string): Snippet[] {
  const snippets: Snippet[] = [];
  for (const { groups = {}, index } of markdown.matchAll(block)) {
    const { given = "", kind = "", code = "", afterwards = "" } = groups;
    const line = markdown.slice(0, index).split("\n").length + given.split("\n").length - 1;
    const before = snippets.at(-1);
    if (kind === "text output" && before !== undefined) snippets.splice(-1, 1, { ...before, output: code });
    else snippets.push({ kind, line, code, given: inside(given), afterwards: inside(afterwards), output: null });
  }
  return snippets;
}

const block =
  /^(?<given><!-- given\n.*?^-->\n+)?```(?<kind>[^\n]*)\n(?<code>.*?)^```$(?<afterwards>\n+<!-- afterwards\n.*?^-->$)?/gms;

const inside = (comment: string) => comment.replace(/^\s*<!-- \w+\n|-->\s*$/g, "");

/** Whether `printed` is what the paper says. A line that is `…` alone stands for any number of lines. */
export function isAsWritten(printed: string, output: string): boolean {
  const patterns = linesOf(output).map((line) => (line === "…" ? "(.*\n)*" : `${patternOf(line)}\n`));
  return new RegExp(`^${patterns.join("")}$`).test(linesOf(printed).join("\n").concat("\n"));
}

const linesOf = (text: string) =>
  text
    .trim()
    .split("\n")
    .map((line) => line.trimEnd());

const patternOf = (line: string) => line.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&").replaceAll("…", ".*");
