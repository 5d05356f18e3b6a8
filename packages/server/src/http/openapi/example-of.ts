/** A schema of `/openapi.json`, as far as an example depends on it. */
interface Schema {
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly examples?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
}

/** Example values of members of messages, by the members' names. A list has the value of each of its entries. */
export type ExampleValues = Readonly<Record<string, unknown>>;

/**
 * An example of what the schema describes, with every member for which there is a value. Members that are not required
 * and have none are left out.
 */
export function exampleOf(schema: object, values: ExampleValues, name = ""): unknown {
  const { const: only, enum: allowed, examples, anyOf, type, properties, required = [], items }: Schema = schema;
  if (only !== undefined) return only;
  if (examples !== undefined) return examples[0];
  if (allowed !== undefined) return allowed[0];
  if (anyOf !== undefined) {
    const variant = anyOf.find((each) => each.type !== "null") ?? {};
    const example = exampleOf(variant, values, name);
    return example === undefined && anyOf.some((each) => each.type === "null") ? null : example;
  }
  if (properties !== undefined) {
    const members = Object.entries(properties).map(
      ([member, each]) => [member, exampleOf(each, values, member)] as const,
    );
    return Object.fromEntries(members.filter(([member, value]) => value !== undefined || required.includes(member)));
  }
  if (type === "array") {
    const item = exampleOf(items ?? {}, values, name);
    return item === undefined ? [] : [item];
  }
  if (type === "null") return null;
  const value = Object.hasOwn(values, name) ? values[name] : undefined;
  if (value !== undefined && isOfType(value, type)) return value;
  return type === "boolean" ? true : type === "object" ? {} : undefined;
}

function isOfType(value: unknown, type: string | undefined): boolean {
  if (type === undefined) return true;
  return type === "integer" ? Number.isInteger(value) : typeof value === type;
}
