import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { declaredArrows } from "./module-graph/declared-arrows.ts";
import { drawModuleGraph } from "./module-graph/draw-module-graph.ts";
import { findCycle, readBypassedDoors, readModuleGraph } from "./module-graph/read-module-graph.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const architecture = new URL("../ARCHITECTURE.md", import.meta.url);
const update = "UPDATE_DOCS=1 npm test -- tests/module-graph.test.ts";

describe("the module graph", () => {
  const graph = readModuleGraph(root);

  it("has no cycle, type-only imports included", () => assert.equal(findCycle(graph)?.join(" → "), undefined));

  it("has the arrows that are declared, and no other", () => {
    const arrows = Object.fromEntries([...graph].map(([module, targets]) => [module, [...targets].toSorted()]));
    assert.deepEqual(arrows, declaredArrows);
  });

  it("enters a module of the server or the store through its index alone", () =>
    assert.deepEqual(readBypassedDoors(root), []));

  it("is drawn in ARCHITECTURE", () => {
    const text = readFileSync(architecture, "utf8");
    const drawn = text.replace(
      /(<!-- modules:begin -->\n)[\s\S]*?(<!-- modules:end -->)/,
      (_, begin: string, end: string) => `${begin}\n${drawModuleGraph(graph)}\n\n${end}`,
    );
    if (process.env["UPDATE_DOCS"] === "1") writeFileSync(architecture, drawn);
    assert.match(text, /<!-- modules:begin -->/);
    assert.equal(readFileSync(architecture, "utf8"), drawn, `the drawing in ARCHITECTURE is out of date: ${update}`);
  });
});

describe("the check of the module graph", () => {
  const graphOf = (arrows: Record<string, string[]>) =>
    new Map(Object.entries(arrows).map(([from, to]) => [from, new Set(to)]));

  it("finds a cycle, however long", () => {
    assert.deepEqual(findCycle(graphOf({ a: ["b"], b: ["c"], c: ["d"], d: ["b"] })), ["b", "c", "d", "b"]);
    assert.equal(findCycle(graphOf({ a: ["b", "c"], b: ["c"], c: [] })), null);
  });
});
