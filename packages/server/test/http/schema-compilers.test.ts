import assert from "node:assert/strict";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { describe, it } from "node:test";
import { startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import Fastify, { type FastifyInstance, type RouteOptions } from "fastify";
import { compileSerializer, compileValidator } from "../../src/http/index.ts";

/** Compiles all schemas of routes at once, as the framework does unless it is told otherwise. */
async function compileAll(routes: readonly Pick<RouteOptions, "schema" | "validatorCompiler">[]): Promise<void> {
  const app = Fastify({ ajv: { customOptions: { allErrors: true, coerceTypes: false } } });
  for (const [index, { schema, validatorCompiler }] of routes.entries())
    app.post(`/${index}`, {
      schema: { ...schema },
      ...(validatorCompiler === undefined ? {} : { validatorCompiler }),
      handler: async () => ({}),
    });
  await app.ready();
  await app.close();
}

async function routesOfSandbox(): Promise<RouteOptions[]> {
  const routes: RouteOptions[] = [];
  const onApp = (message: unknown) =>
    (message as { fastify: FastifyInstance }).fastify.addHook("onRoute", (route) => void routes.push(route));
  subscribe("fastify.initialization", onApp);
  try {
    await (await startSandboxIssuer()).stop();
  } finally {
    unsubscribe("fastify.initialization", onApp);
  }
  return routes;
}

describe("the schemas of all routes", () => {
  it("can be compiled", async () => {
    const routes = await routesOfSandbox();
    const withSchema = routes.filter(({ schema }) => schema !== undefined);
    assert.ok(withSchema.filter(({ schema }) => schema?.response !== undefined).length > 80);
    assert.ok(withSchema.filter(({ schema }) => schema?.body !== undefined).length > 40);
    await compileAll(withSchema);
  });

  it("are told from some that cannot", async () => {
    const wrong = { type: "objekt" };
    await assert.rejects(compileAll([{ schema: { body: wrong } }]), { code: "FST_ERR_SCH_VALIDATION_BUILD" });
    await assert.rejects(compileAll([{ schema: { response: { 200: wrong } } }]), {
      code: "FST_ERR_SCH_SERIALIZATION_BUILD",
    });
  });
});

describe("a schema that is compiled at its first use", () => {
  const route = { method: "POST", url: "/" };
  const schema = {
    type: "object",
    properties: { a: { type: "integer" }, b: { type: "integer" } },
    required: ["a", "b"],
    additionalProperties: false,
  };

  it("names every fault of a request, corrects none, and forgets those of the one before", () => {
    const validate = compileValidator({ ...route, schema, httpPart: "body" });
    const wrong = { a: "1", c: 3 };
    assert.equal(validate(wrong), false);
    assert.deepEqual(
      validate.errors?.map(({ keyword, instancePath }) => [keyword, instancePath]),
      [
        ["required", ""],
        ["additionalProperties", ""],
        ["type", "/a"],
      ],
    );
    assert.deepEqual(wrong, { a: "1", c: 3 });
    assert.equal(validate({ a: 1, b: 2 }), true);
    assert.equal(validate.errors, null);
  });

  it("keeps the faults of another route with an equal schema apart", () => {
    const [one, other] = [schema, { ...schema }].map((each) => compileValidator({ ...route, schema: each }));
    assert.equal(one?.({}), false);
    assert.equal(other?.({ a: 1, b: 2 }), true);
    assert.equal(one?.errors?.length, 2);
  });

  it("writes what an answer's schema names, and nothing else", () => {
    const serialize = compileSerializer({ ...route, schema, httpStatus: "200" });
    assert.equal(serialize({ a: 1, b: 2, secret: "3" }), '{"a":1,"b":2}');
    assert.throws(() => serialize({ a: 1 }), /"b" is required/);
  });

  it("that cannot be compiled fails each of its requests", () => {
    const wrong = { type: "objekt" };
    const validate = compileValidator({ ...route, schema: wrong });
    assert.throws(() => validate({}), /objekt|schema is invalid/);
    assert.throws(() => validate({}), /objekt|schema is invalid/);
    assert.throws(() => compileSerializer({ ...route, schema: wrong })({}), /schema is invalid|objekt/);
  });
});
