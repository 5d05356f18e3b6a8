import type { FastifyError } from "fastify";

type Fault = NonNullable<FastifyError["validation"]>[number];

/** The keywords that judge a value as a whole. */
const ofWholeValue: ReadonlySet<string> = new Set(["type", "const", "enum"]);

/**
 * Replaces the validator's faults of every variant of a union (`anyOf`) by those that help: of the variant that the value
 * was meant to be, or one fault that says what is allowed. The validator lists a union's faults after those of its
 * variants, and an inner union before the one around it.
 */
export function resolveUnions(faults: readonly Fault[]): Fault[] {
  let found: Fault[] = [];
  for (const fault of faults) {
    if (fault.keyword !== "anyOf") found.push(fault);
    else {
      const { true: ofVariants = [], false: others = [] } = Object.groupBy(found, (each) => `${isOf(fault, each)}`);
      const number = ({ schemaPath }: Fault) => schemaPath.slice(fault.schemaPath.length + 1).split("/")[0];
      found = [...others, ...faultsOfUnion(fault, [...Map.groupBy(ofVariants, number).values()])];
    }
  }
  return found;
}

function isOf(union: Fault, { schemaPath, instancePath }: Fault): boolean {
  const isInValue = instancePath === union.instancePath || instancePath.startsWith(`${union.instancePath}/`);
  return isInValue && schemaPath.startsWith(`${union.schemaPath}/`);
}

function faultsOfUnion(union: Fault, variants: readonly Fault[][]): Fault[] {
  const verdicts = variants.map((faults) => {
    const whole = faults.filter((each) => each.instancePath === union.instancePath && ofWholeValue.has(each.keyword));
    return whole.find(({ keyword }) => keyword !== "type") ?? whole[0];
  });
  const meant = variants.filter((_, index) => verdicts[index] === undefined);
  const [closest] = meant.toSorted((one, other) => one.length - other.length);
  if (closest !== undefined) return closest;
  const allowed = verdicts.flatMap((verdict) => (verdict === undefined ? [] : allowedBy(verdict)));
  if (verdicts.every((verdict) => verdict?.keyword !== "type"))
    return [{ ...union, keyword: "enum", params: { allowedValues: allowed.map(({ value }) => value) } }];
  const message = `must be ${[...new Set(allowed.map(({ text }) => text))].join(" or ")}`;
  return [{ ...union, keyword: "type", params: {}, message }];
}

function allowedBy({ keyword, params }: Fault): { value: unknown; text: string }[] {
  if (keyword === "type") return [params["type"]].flat().map((type) => ({ value: type, text: String(type) }));
  const values = keyword === "const" ? [params["allowedValue"]] : [params["allowedValues"]].flat();
  return values.map((value) => ({ value, text: JSON.stringify(value) }));
}
