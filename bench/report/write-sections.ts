import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Part } from "../measurements/goals.ts";
import { plots, type Run } from "./report.ts";

const docs = join(import.meta.dirname, "../../docs");

/** Writes sections between their marks in docs/bench.md, and their plots. The full growth has marks and no plot of its own. */
export async function writeSections(sections: ReadonlyMap<Part, string>, run: Run, isFull: boolean): Promise<void> {
  const path = join(docs, "bench.md");
  let page = await readFile(path, "utf8");
  for (const [part, text] of sections) page = replaceBetweenMarks(page, isFull ? `full-${part}` : part, text);
  await writeFile(path, page);
  if (isFull) return;
  for (const [name, svg] of plots(run)) await writeFile(join(docs, "images", `${name}.svg`), svg);
}

function replaceBetweenMarks(page: string, name: string, text: string): string {
  const [begin, end] = [`<!-- ${name}:begin -->\n`, `\n<!-- ${name}:end -->`];
  const [beginAt, endAt] = [page.indexOf(begin), page.indexOf(end)];
  if (beginAt === -1 || endAt === -1) throw new Error(`docs/bench.md has no marks of ${name}`);
  return page.slice(0, beginAt + begin.length) + text + page.slice(endAt);
}
