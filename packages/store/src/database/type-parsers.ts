import { types } from "pg";

const int8 = 20;
const bytea = 17;

/** How the text of a column becomes the value that `Database` promises, by the id of its type. */
export function getTypeParser(oid: number, format?: "text" | "binary"): (text: string) => unknown {
  if (oid === int8) return BigInt;
  if (oid === bytea) return (text) => new Uint8Array(Buffer.from(text.slice("\\x".length), "hex"));
  return types.getTypeParser(oid, format as "text");
}
