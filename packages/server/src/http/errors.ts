import { LinchpinError, type ShapeFault } from "@linchpin/core";
import type { FastifyError } from "fastify";

/**
 * Converts any error to a `LinchpinError`. The text of a parser or validator is not passed on, because it may quote what
 * was received. Unknown members are not named for the same reason.
 */
export function toLinchpinError(error: unknown): LinchpinError {
  if (error instanceof LinchpinError) return error;
  const { code, statusCode, validation } = error as Partial<FastifyError>;
  if (validation !== undefined) return shapeError(validation);
  if (code === "FST_ERR_CTP_INVALID_MEDIA_TYPE") return new LinchpinError("media_type_unsupported");
  if (code === "FST_ERR_CTP_BODY_TOO_LARGE") return new LinchpinError("body_too_large");
  if (statusCode === 429) return new LinchpinError("rate_limited");
  if (statusCode === 503) return new LinchpinError("unavailable");
  if (error instanceof SyntaxError || code?.startsWith("FST_ERR_CTP_")) return new LinchpinError("json_invalid");
  if (statusCode !== undefined && statusCode < 500) return new LinchpinError("request_invalid");
  return new LinchpinError("internal", { cause: error });
}

/** An answer names at most so many faults of one request. */
const maxFaults = 10;

function shapeError(validation: NonNullable<FastifyError["validation"]>): LinchpinError {
  const faults = oneForEachField(validation.map(shapeFault)).slice(0, maxFaults);
  const { field, reason } = faults[0] ?? {};
  return new LinchpinError("request_invalid", {
    ...(field === undefined ? {} : { field }),
    ...(reason === undefined ? {} : { reason }),
    cause: faults,
  });
}

/** A member of another type breaks all of its rules: that it is of another type says enough. */
function oneForEachField(faults: readonly ShapeFault[]): ShapeFault[] {
  return [...Map.groupBy(faults, ({ field }) => field).values()].flatMap((ofField) => {
    const otherType = ofField.find(({ isOtherType }) => isOtherType);
    return otherType ?? ofField.slice(0, 1);
  });
}

function shapeFault(fault: NonNullable<FastifyError["validation"]>[number]): ShapeFault {
  const at = fault.instancePath
    .split("/")
    .slice(1, 1 + namedSteps(fault.schemaPath))
    .join(".");
  const missing = fault.keyword === "required" ? String(fault.params["missingProperty"]) : "";
  const field = [at, missing].filter((part) => part !== "").join(".");
  const rule = rules[fault.keyword];
  return {
    field: field === "" ? undefined : field,
    reason: reasonOf(fault),
    isOtherType: fault.keyword === "type",
    ...(rule === undefined ? {} : { rule }),
  };
}

/**
 * How many steps into the request the schema names. A step that it leaves to the caller, as the names of metadata, ends
 * the count: such a name may be anything, a PIN in the wrong place too.
 */
function namedSteps(schemaPath: string): number {
  const [, ...keywords] = schemaPath.split("/");
  let steps = 0;
  for (let index = 0; index < keywords.length; index++) {
    const keyword = keywords[index] ?? "";
    if (callerNames.has(keyword)) break;
    if (keyword !== "properties" && keyword !== "items") continue;
    steps++;
    if (keyword === "properties") index++;
  }
  return steps;
}

/** The keywords of JSON Schema behind which a member's name is the caller's. */
const callerNames: ReadonlySet<string> = new Set(["patternProperties", "additionalProperties"]);

/** By the keyword of JSON Schema. */
const rules: Readonly<Record<string, ShapeFault["rule"]>> = {
  required: "missing",
  additionalProperties: "unknown",
  minLength: "empty",
};

/** Allowed values are the schema's own. */
function reasonOf({ keyword, message, params }: NonNullable<FastifyError["validation"]>[number]): string | undefined {
  if (keyword === "additionalProperties") return "there is a member that is not documented";
  const allowed =
    keyword === "enum" ? params["allowedValues"] : keyword === "const" ? params["allowedValue"] : undefined;
  if (allowed === undefined) return message;
  const values = [allowed].flat().filter((value) => value !== null);
  return `must be ${values.length > 1 ? "one of " : ""}${values.join(", ")}`;
}
