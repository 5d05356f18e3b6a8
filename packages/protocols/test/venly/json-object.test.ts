import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { utf8 } from "@linchpin/core";
import fc from "fast-check";
import { type JsonObject, readJsonObject, wipeJsonObject, writeJsonObject } from "../../venly/json-object.ts";

type Plain = { [name: string]: string | Plain };

const plain = (object: JsonObject): Plain =>
  Object.fromEntries(
    [...object].map(([name, value]) => [
      name,
      value instanceof Uint8Array ? new TextDecoder().decode(value) : plain(value),
    ]),
  );
const read = (json: string) => plain(readJsonObject(utf8(json)));

const text = fc.string({ unit: "grapheme" });
const object = fc.dictionary(text, fc.oneof(text, fc.dictionary(text, text)), { maxKeys: 5 });

suite("JSON as bytes", () => {
  test("what JSON.stringify writes is read as it was, white space and all", () => {
    fc.assert(
      fc.property(object, fc.constantFrom(undefined, 2, "\t"), (value, space) => {
        assert.equal(JSON.stringify(read(JSON.stringify(value, null, space))), JSON.stringify(value));
      }),
    );
  });

  test("what is written here, JSON.parse reads", () => {
    fc.assert(
      fc.property(object, (value) => {
        const json = new TextDecoder().decode(writeJsonObject(value));
        assert.equal(JSON.stringify(JSON.parse(json)), JSON.stringify(value).toWellFormed());
      }),
    );
  });

  test("members that are undefined are left out; values may be bytes", () => {
    const json = writeJsonObject({ left: undefined, value: utf8('1"\\\n'), inner: {} });
    assert.equal(new TextDecoder().decode(json), '{"value":"1\\"\\\\\\u000a","inner":{}}');
  });

  test("escapes are read: surrogate pairs, each letter, either case", () => {
    assert.deepEqual(read('{"a":"\\u0031\\uD83D\\udcb6\\"\\\\\\/\\b\\f\\n\\r\\t"}'), { a: '1💶"\\/\b\f\n\r\t' });
  });

  for (const [what, json] of [
    ["nothing", ""],
    ["white space", "  "],
    ["a byte order mark", "\uFEFF{}"],
    ["an object that does not end", '{"a":"b"'],
    ["a string that does not end", '{"a":"b'],
    ["a string that ends in a backslash", '{"a":"b\\'],
    ["a comma too many", '{"a":"b",}'],
    ["no comma", '{"a":"b""c":"d"}'],
    ["no colon", '{"a" "b"}'],
    ["a name without quotes", '{a:"b"}'],
    ["single quotes", "{'a':'b'}"],
    ["something behind", "{}{}"],
    ["a comment", '{"a":"b"}//'],
    ["a control character in a string", '{"a":"\n"}'],
    ["an escape that is none", '{"a":"\\x"}'],
    ["half an escape", '{"a":"\\u12"}'],
    ["half a surrogate pair", '{"a":"\\ud83d"}'],
    ["the other half of one", '{"a":"\\udcb6"}'],
    ["two first halves", '{"a":"\\ud83d\\ud83d"}'],
    ["a name that is not UTF-8", null],
  ] as const)
    test(`refused as no JSON: ${what}`, () => {
      const bytes = json === null ? Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x22, 0x22, 0x7d) : utf8(json);
      assert.throws(() => readJsonObject(bytes), { code: "json_invalid" });
    });

  test("a member that is null is as if it were not there", () => {
    assert.deepEqual([...readJsonObject(utf8('{"a":null,"b":{"c": null },"d":"e"}')).keys()], ["b", "d"]);
    for (const json of ['{"a":nul}', '{"a":nulll}', '{"a":NULL}', '{"a":n'])
      assert.throws(() => readJsonObject(utf8(json)), { code: "json_invalid" });
  });

  for (const json of [
    '{"a":"b","a":"b"}',
    '{"a":"b","\\u0061":"b"}',
    '{"a":1}',
    '{"a":-1}',
    '{"a":true}',
    '{"a":null,"a":"b"}',
    '{"a":[null]}',
    '{"a":["b"]}',
    '{"a":{"b":{"c":{"d":"e"}}}}',
  ])
    test(`refused as of another shape: ${json}`, () => {
      assert.throws(() => readJsonObject(utf8(json)), { code: "request_invalid" });
    });

  test("no error quotes what was read", () => {
    for (const json of ['{"a":"482915', '{"482915":"a","482915":"b"}', '{"a":482915}', "482915"])
      assert.throws(
        () => readJsonObject(utf8(json)),
        (error: Error & { reason?: string }) => !`${error.stack} ${error.reason}`.includes("482915"),
      );
  });

  test("what was read is wiped whole, also below", () => {
    const object = readJsonObject(utf8('{"a":"secret","b":{"c":"\\u0073ecret"}}'));
    const inner = object.get("b") as JsonObject;
    const values = [object.get("a"), inner.get("c")] as Uint8Array[];
    wipeJsonObject(object);
    for (const value of values) assert.ok(new Uint8Array(value.buffer).every((byte) => byte === 0));
  });
});
