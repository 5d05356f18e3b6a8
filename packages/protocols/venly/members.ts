// The members of a JSON object, as the readers of Venly's messages take them. Each refusal names the member.
import { copySecret, LinchpinError } from "@linchpin/core";
import { type JsonObject, textOf } from "./json-object.ts";

/** Exactly these members, each at most once; undefined where one is not there. */
export function membersOf<Name extends string>(
  object: JsonObject,
  names: readonly Name[],
): Partial<Record<Name, Uint8Array | JsonObject>> {
  for (const name of object.keys())
    if (!names.some((known) => known === name))
      throw new LinchpinError("request_invalid", { reason: "there is a member that is not documented" });
  return Object.fromEntries(names.map((name) => [name, object.get(name)])) as Partial<
    Record<Name, Uint8Array | JsonObject>
  >;
}

type Member = Uint8Array | JsonObject | undefined;

export function objectOf(member: Member, field: string): JsonObject {
  if (member === undefined || member instanceof Uint8Array) throw invalid(field);
  return member;
}

export function requiredText(member: Member, field: string, maxLength: number): string {
  return textOrNull(member, field, maxLength) ?? missing(field);
}

export function textOrNull(member: Member, field: string, maxLength: number): string | null {
  if (member === undefined) return null;
  if (!(member instanceof Uint8Array)) throw invalid(field);
  const text = textOf(member);
  // NUL is the one character that the store does not take.
  if (text.length < 1 || text.length > maxLength || text.includes("\0")) throw invalid(field);
  return text;
}

/** A copy: what it was read from is wiped. */
export function secretOf(member: Member): Uint8Array | null {
  if (member === undefined) return null;
  if (!(member instanceof Uint8Array) || member.length > 256) throw invalid("value");
  return copySecret(member);
}

export function missing(field: string): never {
  throw invalid(field);
}

export function invalid(field: string): LinchpinError {
  return new LinchpinError("request_invalid", { field });
}
