import { readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";

const folder = process.env["WYCHEPROOF_DIR"];

/** For `test`'s option `skip`. */
export const withoutWycheproof =
  folder === undefined ? "left out: needs the Wycheproof vectors: set WYCHEPROOF_DIR to their folder" : false;

/** The test groups of one file of C2SP/wycheproof. All bytes in it are hex. */
export function readWycheproof<Group>(fileName: string): readonly Group[] {
  const file = JSON.parse(readFileSync(join(folder ?? "", fileName), "utf8")) as { testGroups: readonly Group[] };
  return file.testGroups;
}

export interface WycheproofCase {
  readonly tcId: number;
  readonly comment: string;
  readonly flags: readonly string[];
  readonly result: "valid" | "acceptable" | "invalid";
}
