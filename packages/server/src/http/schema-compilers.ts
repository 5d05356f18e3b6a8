import selectValidator from "@fastify/ajv-compiler";
import selectSerializer from "@fastify/fast-json-stringify-compiler";
import type { FastifySchemaCompiler, FastifySerializerCompiler } from "fastify";
import { resolveUnions } from "./resolve-unions.ts";

/** An additional member, or one of another type, is refused and never corrected. Some protocols name every fault. */
const customOptions = { allErrors: true, coerceTypes: false, removeAdditional: false, useDefaults: false };

type Validate = ReturnType<FastifySchemaCompiler<unknown>>;
type Serialize = ReturnType<FastifySerializerCompiler<unknown>>;
type Route = Parameters<FastifySchemaCompiler<unknown>>[0];

const compileRequest: FastifySchemaCompiler<unknown> = selectValidator()({}, { customOptions });
const compileAnswer = selectSerializer()({}, {}) as FastifySerializerCompiler<unknown>;
const validators = new Map<string, Validate>();
const serializers = new Map<string, Serialize>();

/**
 * The framework's compiler for the schemas of requests. It compiles a schema when a request first needs it, once in
 * this process: to compile all of them takes half of an issuer's start. A schema that cannot be compiled makes the
 * requests fail, and not the start; `schema-compilers.test.ts` compiles them all.
 */
export const compileValidator: FastifySchemaCompiler<unknown> = (route) => {
  const compiled = onFirstUse(validators, route, compileRequest);
  const validate: Validate = (data) => {
    const isValid = compiled();
    const result = isValid(data);
    validate.errors = isValid.errors ? resolveUnions(isValid.errors) : null;
    return result;
  };
  return validate;
};

/** The same for the schemas of answers. */
export const compileSerializer: FastifySerializerCompiler<unknown> = (route) => {
  const compiled = onFirstUse(serializers, route, compileAnswer);
  return (value) => compiled()(value);
};

/** Issuers in one process, and routes with equal schemas, share what was compiled. */
function onFirstUse<Compiled>(
  known: Map<string, Compiled>,
  route: Route,
  compile: (route: Route) => Compiled,
): () => Compiled {
  let compiled: Compiled | undefined;
  return () => {
    if (compiled !== undefined) return compiled;
    const key = JSON.stringify(route.schema);
    compiled = known.get(key) ?? compile(route);
    known.set(key, compiled);
    return compiled;
  };
}
