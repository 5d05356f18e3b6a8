import { LinchpinError } from "@linchpin/core";

/** A value of a form: a text, a list (`a[0]=…`, `a[]=…`) or named members (`a[b]=…`). */
export type FormValue = string | FormValue[] | { [name: string]: FormValue };

const maxParameters = 200;
const maxDepth = 5;

/**
 * Parses `application/x-www-form-urlencoded` with nested members: `pin[encrypted_number]=x` becomes
 * `{"pin":{"encrypted_number":"x"}}`. Brackets may be percent-encoded.
 * @throws LinchpinError `request_invalid`: a parameter that comes twice, or whose name has no such form; a control character
 *   in a name; a NUL in a value, which no database's text holds
 */
export function parseForm(text: string): Record<string, FormValue> {
  const root = emptyMembers();
  const parameters = [...new URLSearchParams(text)];
  if (parameters.length > maxParameters) throw invalid("the form has too many parameters");
  for (const [name, value] of parameters) {
    if (value.includes("\0")) throw invalid("a value has a NUL");
    place(root, pathOf(name), value);
  }
  return withLists(root) as Record<string, FormValue>;
}

type Members = { [name: string]: string | Members };

/** Without a prototype, so that no name means anything but itself. */
const emptyMembers = (): Members => Object.create(null);

/** `a[b][0]` has the path a, b, 0. */
function pathOf(name: string): readonly string[] {
  const [, outer = "", brackets = ""] = /^([^[\]]+)((?:\[[^[\]]*\])*)$/.exec(name) ?? [];
  const path = [outer, ...[...brackets.matchAll(/\[([^[\]]*)\]/g)].map(([, inner = ""]) => inner)];
  if (outer === "" || path.length > maxDepth || path.includes("__proto__") || /\p{Cc}/u.test(name))
    throw invalid("a parameter's name is not of the form a[b]");
  return path;
}

function place(root: Members, path: readonly string[], value: string): void {
  let members = root;
  for (const [depth, segment] of path.entries()) {
    // `a[]` stands for the next index of a list.
    const name = segment === "" && depth > 0 ? String(Object.keys(members).length) : segment;
    const known = members[name];
    if (depth === path.length - 1) {
      if (known !== undefined) throw invalid("a parameter comes twice");
      members[name] = value;
      return;
    }
    if (typeof known === "string") throw invalid("a parameter is both a value and has members");
    const below = known ?? emptyMembers();
    members[name] = below;
    members = below;
  }
}

/** Members that are named 0, 1, … are a list. */
function withLists(value: string | Members): FormValue {
  if (typeof value === "string") return value;
  const entries = Object.entries(value);
  const isList = entries.length > 0 && entries.every(([name], index) => name === String(index));
  if (isList) return entries.map(([, each]) => withLists(each));
  return Object.fromEntries(entries.map(([name, each]) => [name, withLists(each)]));
}

function invalid(reason: string): LinchpinError {
  return new LinchpinError("request_invalid", { reason });
}
