import { isAbsolute } from "node:path";
import { fileURLToPath } from "node:url";
import { LinchpinError } from "@linchpin/core";

/** A token of a PKCS#11 module, and the file that holds its PIN. */
export interface TokenUri {
  readonly modulePath: string;
  /** Parameters for the module's initialization, beyond PKCS#11. NSS takes the folder of its database from them. */
  readonly libraryParameters: string | null;
  readonly pinFile: string;
  /** Attributes that the token must have, as C_GetTokenInfo returns them, without padding. */
  readonly token: Readonly<Partial<Record<TokenAttribute, string>>>;
  readonly slotId: number | null;
}

type TokenAttribute = "token" | "manufacturer" | "model" | "serial";

/**
 * Parses an RFC 7512 URI that names one token: `pkcs11:token=…?module-path=…&pin-source=file:…`. The path may also have
 * the attributes `manufacturer`, `model`, `serial` and `slot-id`, and the query `x-library-parameters`.
 *
 * @throws LinchpinError `settings_invalid`: the text is no such URI, or contains the PIN itself; the reason names
 *   `variable`
 */
export function parseTokenUri(uri: string, variable = "LINCHPIN_VAULT"): TokenUri {
  try {
    return parse(uri);
  } catch (error) {
    throw new LinchpinError("settings_invalid", { reason: `${variable} ${(error as Error).message}` });
  }
}

function parse(uri: string): TokenUri {
  const [, path, query] = /^pkcs11:([^?]*)(?:\?(.*))?$/.exec(uri) ?? [];
  if (path === undefined) throw new Error("is not of the form pkcs11:token=…?module-path=…&pin-source=file:…");
  if (/(?:^|&)pin-value=/.test(query ?? ""))
    throw new Error("holds the PIN, for every process started from here to inherit: name a file of it by pin-source");
  const inPath = readAttributes(path, ";", pathCharacters, pathAttributes);
  const inQuery = readAttributes(query ?? "", "&", queryCharacters, queryAttributes);
  const { "slot-id": slotId, ...token } = Object.fromEntries(inPath);
  return {
    modulePath: readModulePath(inQuery.get("module-path")),
    libraryParameters: inQuery.get("x-library-parameters") ?? null,
    pinFile: readPinFile(inQuery.get("pin-source")),
    token,
    slotId: slotId === undefined ? null : readSlotId(slotId),
  };
}

/** RFC 7512 §2.3: attributes `name=value`, percent-encoded. Each name occurs once. */
function readAttributes(
  text: string,
  separator: string,
  characters: RegExp,
  names: readonly string[],
): ReadonlyMap<string, string> {
  const attributes = new Map<string, string>();
  for (const attribute of text === "" ? [] : text.split(separator)) {
    const [, name = "", value = ""] = /^([a-z-]+)=(.*)$/.exec(attribute) ?? [];
    if (!names.includes(name)) throw new Error(`has an attribute other than ${names.join(", ")} in its place`);
    if (attributes.has(name)) throw new Error(`has ${name} twice`);
    attributes.set(name, decode(name, value, characters));
  }
  return attributes;
}

function decode(name: string, value: string, characters: RegExp): string {
  try {
    if (characters.test(value)) return decodeURIComponent(value);
  } catch {
    // The bytes are not UTF-8.
  }
  throw new Error(`has a ${name} that is not percent-encoded UTF-8`);
}

function readModulePath(path: string | undefined): string {
  if (path === undefined || !isAbsolute(path))
    throw new Error("needs module-path, the absolute path of the token's PKCS#11 library");
  return path;
}

/** Only a file is accepted. RFC 7512 also allows commands, with which the setting could run any program. */
function readPinFile(source: string | undefined): string {
  if (source === undefined || !source.startsWith("file:/"))
    throw new Error("needs pin-source=file:/…, a file that only its owner can read and that holds the token's PIN");
  try {
    return fileURLToPath(source);
  } catch {
    throw new Error("has a pin-source that is no file on this machine");
  }
}

function readSlotId(text: string): number {
  if (!/^[0-9]{1,15}$/.test(text)) throw new Error("has a slot-id that is not a decimal number");
  return Number(text);
}

const pathAttributes = ["token", "manufacturer", "model", "serial", "slot-id"];
const queryAttributes = ["module-path", "pin-source", "x-library-parameters"];
const pathCharacters = /^(?:[\w.~:[\]@!$'()*+,=&-]|%[0-9A-Fa-f]{2})*$/;
const queryCharacters = /^(?:[\w.~:[\]@!$'()*+,=/?|-]|%[0-9A-Fa-f]{2})*$/;
