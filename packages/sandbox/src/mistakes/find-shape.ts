import type { ShapeEvidence } from "./shape.ts";

interface ObjectSchema {
  readonly type?: string | readonly string[];
  /** The values that are allowed. */
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, ObjectSchema>>;
  /** The variants of a union. */
  readonly anyOf?: readonly ObjectSchema[];
}

/** What is no such name may be a value in the wrong place, a PIN among them: it is not repeated. */
const isName = /^[A-Za-z_][A-Za-z_-]{0,63}$/;

const none: ShapeEvidence = { unknown: [], documented: [], misplaced: [], nulls: [], numbers: [] };

/** How a body differs from the schema of its route, deepest members first; names have dots between the levels. */
export function findShape(schema: unknown, body: unknown, prefix = ""): ShapeEvidence {
  const { properties } = objectVariantOf((schema ?? {}) as ObjectSchema);
  if (properties === undefined || typeof body !== "object" || body === null) return none;
  const entries = Object.entries(body);
  const below = entries.map(([name, value]) => findShape(properties[name], value, `${prefix}${name}.`));
  const found = below.find(({ unknown, nulls, numbers }) => unknown.length + nulls.length + numbers.length > 0);
  if (found !== undefined) return found;
  const types = (name: string) => {
    const variants = [properties[name] ?? {}].flatMap((one) => one.anyOf ?? one);
    return variants.flatMap(({ type = [], enum: values = [] }) => [type, values.map((value) => typeof value)].flat(2));
  };
  const named = (isIt: (name: string, value: unknown) => boolean) =>
    entries.filter(([name, value]) => isIt(name, value)).map(([name]) => `${prefix}${name}`);
  const isUnknown = (name: string) => !(name in properties) && isName.test(name);
  return {
    unknown: named(isUnknown),
    documented: Object.keys(properties),
    misplaced: entries.flatMap(([name]) => {
      const inside = Object.keys(properties).find((each) => Object.hasOwn(properties[each]?.properties ?? {}, name));
      return isUnknown(name) && inside !== undefined ? [`${prefix}${name} belongs in ${prefix}${inside}`] : [];
    }),
    nulls: named((name, value) => value === null && name in properties && !types(name).includes("null")),
    numbers: named((name, value) => typeof value === "number" && isTextAlone(types(name))),
  };
}

function isTextAlone(types: readonly string[]): boolean {
  return types.includes("string") && !types.includes("number") && !types.includes("integer");
}

/** Of a union, its first variant that has members. */
function objectVariantOf(schema: ObjectSchema): ObjectSchema {
  return schema.anyOf?.find(({ properties }) => properties !== undefined) ?? schema;
}

/** Members of opened JSON whose values are numbers. On bytes: what holds a PIN becomes no string. */
export function findNumbers(json: Uint8Array, names: readonly string[]): ShapeEvidence {
  const numbers = names.filter((name) => {
    const start = Buffer.from(json.buffer, json.byteOffset, json.length).indexOf(`"${name}"`);
    if (start < 0) return false;
    let at = start + name.length + 2;
    while (json[at] === 0x20 || json[at] === 0x3a) at += 1;
    const first = json[at] ?? 0;
    return first >= 0x30 && first <= 0x39;
  });
  return { ...none, numbers };
}
