import { concatBytes, LinchpinError, secretBytes, textFromUtf8, utf8 } from "@linchpin/core";

// JSON without strings: what `JSON.parse` reads and `JSON.stringify` writes can not be wiped.

/** A JSON object whose values are strings, unescaped to UTF-8, or such objects. A member that is null is not in it. */
export interface JsonObject extends ReadonlyMap<string, Uint8Array | JsonObject> {}

/**
 * Reads one JSON object (RFC 8259) of strings, nulls and objects, at most three deep, each name once. Values are copies:
 * wiping `json` stays with the caller, and `wipeJsonObject` wipes them. What is refused leaves no copies.
 * @throws LinchpinError `json_invalid`: no JSON; `request_invalid`: a name twice, or a value of another type
 */
export function readJsonObject(json: Uint8Array): JsonObject {
  const cursor: Cursor = { json, at: 0, read: [] };
  try {
    const object = readObject(cursor, 1);
    if (skipSpace(cursor) !== undefined) throw new LinchpinError("json_invalid");
    return object;
  } catch (error) {
    for (const value of cursor.read) value.fill(0);
    throw error;
  }
}

export function wipeJsonObject(object: JsonObject): void {
  for (const value of object.values()) value instanceof Uint8Array ? value.fill(0) : wipeJsonObject(value);
}

/** What `writeJsonObject` takes: members that are undefined are left out. */
export interface JsonMembers {
  readonly [name: string]: string | Uint8Array | JsonMembers | undefined;
}

/** The JSON text in UTF-8; the caller wipes it. */
export function writeJsonObject(members: JsonMembers): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  for (const [name, value] of Object.entries(members)) {
    if (value === undefined) continue;
    parts.push(utf8(parts.length === 0 ? "{" : ","), quoted(utf8(name)), utf8(":"), written(value));
  }
  const json = concatBytes(...(parts.length === 0 ? [utf8("{")] : parts), utf8("}"));
  for (const part of parts) part.fill(0);
  return json;
}

const maxDepth = 3;

interface Cursor {
  readonly json: Uint8Array;
  at: number;
  /** Every value that was copied out. */
  readonly read: Uint8Array[];
}

function readObject(cursor: Cursor, depth: number): JsonObject {
  const members = new Map<string, Uint8Array | JsonObject>();
  const names = new Set<string>();
  take(cursor, "{");
  if (depth > maxDepth) throw otherType();
  if (skipSpace(cursor) === "}") return closed(cursor, members);
  for (;;) {
    const name = textOf(readString(cursor));
    if (names.has(name)) throw new LinchpinError("request_invalid", { reason: "a member stands there twice" });
    take(cursor, ":");
    names.add(name);
    const value = readValue(cursor, depth);
    if (value !== null) members.set(name, value);
    if (skipSpace(cursor) !== ",") return closed(cursor, members);
    cursor.at++;
  }
}

function closed(cursor: Cursor, members: JsonObject): JsonObject {
  take(cursor, "}");
  return members;
}

function readValue(cursor: Cursor, depth: number): Uint8Array | JsonObject | null {
  const first = skipSpace(cursor);
  if (first === '"') return readString(cursor);
  if (first === "{") return readObject(cursor, depth + 1);
  if (first === "n") return readNull(cursor);
  throw first !== undefined && /[-0-9tf[]/.test(first) ? otherType() : new LinchpinError("json_invalid");
}

function readNull(cursor: Cursor): null {
  for (const letter of "null") {
    if (cursor.json[cursor.at] !== letter.charCodeAt(0)) throw new LinchpinError("json_invalid");
    cursor.at++;
  }
  return null;
}

/** RFC 8259 §7. */
function readString(cursor: Cursor): Uint8Array {
  take(cursor, '"');
  const end = closingQuote(cursor);
  const value = secretBytes(end - cursor.at);
  cursor.read.push(value);
  let length = 0;
  while (cursor.at < end) {
    const byte = cursor.json[cursor.at] as number;
    if (byte < 0x20) throw new LinchpinError("json_invalid");
    if (byte === backslash) {
      const character = readEscape(cursor);
      value.set(character, length);
      length += character.length;
      character.fill(0);
    } else {
      value[length++] = byte;
      cursor.at++;
    }
  }
  cursor.at = end + 1;
  return value.subarray(0, length);
}

function closingQuote({ json, at }: Cursor): number {
  for (let index = at; index < json.length; index++) {
    if (json[index] === quote) return index;
    if (json[index] === backslash) index++;
  }
  throw new LinchpinError("json_invalid");
}

/** One escaped character, as UTF-8. */
function readEscape(cursor: Cursor): Uint8Array {
  const letter = String.fromCharCode(cursor.json[cursor.at + 1] ?? 0);
  cursor.at += 2;
  if (letter !== "u") {
    const index = '"\\/bfnrt'.indexOf(letter);
    if (index === -1) throw new LinchpinError("json_invalid");
    return utf8('"\\/\b\f\n\r\t'.charAt(index));
  }
  const unit = readCodeUnit(cursor);
  if (unit >> 11 !== 0x1b) return utf8(String.fromCharCode(unit));
  // Half of a surrogate pair: alone it is no character, and would be read as another (RFC 8259 §8.2).
  const isFirst = unit >> 10 === 0x36 && cursor.json[cursor.at] === backslash && cursor.json[cursor.at + 1] === 0x75;
  cursor.at += 2;
  const second = isFirst ? readCodeUnit(cursor) : 0;
  if (second >> 10 !== 0x37) throw new LinchpinError("json_invalid");
  return utf8(String.fromCharCode(unit, second));
}

function readCodeUnit(cursor: Cursor): number {
  let unit = 0;
  for (const end = cursor.at + 4; cursor.at < end; cursor.at++) {
    const digit = "0123456789abcdef".indexOf(String.fromCharCode(cursor.json[cursor.at] ?? 0).toLowerCase());
    if (digit === -1) throw new LinchpinError("json_invalid");
    unit = 16 * unit + digit;
  }
  return unit;
}

/** Skips white space; the character that follows, undefined at the end. */
function skipSpace(cursor: Cursor): string | undefined {
  while (space.includes(cursor.json[cursor.at] ?? -1)) cursor.at++;
  const byte = cursor.json[cursor.at];
  return byte === undefined ? undefined : String.fromCharCode(byte);
}

function take(cursor: Cursor, character: string): void {
  if (skipSpace(cursor) !== character) throw new LinchpinError("json_invalid");
  cursor.at++;
}

const quote = 0x22;
const backslash = 0x5c;
const space = [0x20, 0x09, 0x0a, 0x0d]; // RFC 8259 §2

/** Of what is no secret. @throws LinchpinError `json_invalid`: not UTF-8 */
export function textOf(bytes: Uint8Array): string {
  try {
    return textFromUtf8(bytes);
  } catch {
    throw new LinchpinError("json_invalid");
  }
}

function otherType(): LinchpinError {
  return new LinchpinError("request_invalid", { reason: "a member is not of the documented type" });
}

function written(value: string | Uint8Array | JsonMembers): Uint8Array {
  if (typeof value === "string") return quoted(utf8(value));
  return value instanceof Uint8Array ? quoted(value) : writeJsonObject(value);
}

/** UTF-8 as a JSON string. */
function quoted(text: Uint8Array): Uint8Array {
  const json = new Uint8Array(2 + 6 * text.length);
  let length = 0;
  json[length++] = quote;
  for (const byte of text) {
    if (byte < 0x20) {
      json.set(utf8(`\\u00${byte.toString(16).padStart(2, "0")}`), length);
      length += 6;
    } else {
      if (byte === quote || byte === backslash) json[length++] = backslash;
      json[length++] = byte;
    }
  }
  json[length++] = quote;
  const exact = json.slice(0, length);
  json.fill(0);
  return exact;
}
