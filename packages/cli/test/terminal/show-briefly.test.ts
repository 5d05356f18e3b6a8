import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { Failure } from "../../src/failure.ts";
import { showBriefly, type Terminal } from "../../src/terminal/show-briefly.ts";

/** A terminal on which these keys are typed; null: none is. It keeps what its one line showed after each write. */
function terminalWith(...typed: readonly (number | null)[]) {
  const lines: string[] = [""];
  const waits: (number | null)[] = [];
  const ends: number[] = [];
  const terminal: Terminal = {
    write: (shown) => {
      const line = `${lines.at(-1)}${Buffer.from(shown).toString("utf8")}`;
      lines.push(line.slice(line.lastIndexOf("\r\u001b[K") + 1).replace("\u001b[K", ""));
    },
    nextKey: async (withinMs) => {
      waits.push(withinMs);
      return typed[waits.length - 1] ?? null;
    },
    end: () => void ends.push(waits.length),
  };
  return { terminal, lines, waits, ends };
}

suite("what is shown briefly", () => {
  const space = 0x20;
  const secret = Buffer.from("1928");

  test("is hidden until it is asked for, and again after ten seconds", async () => {
    const { terminal, lines, waits, ends } = terminalWith(space, null);
    await showBriefly("PIN", secret, terminal);
    assert.deepEqual(waits, [null, 10_000]);
    assert.deepEqual(ends, [2], "echo is off until all is over");
    const shownAt = lines.findIndex((line) => line.includes("1928"));
    assert.ok(lines.slice(0, shownAt).some((line) => line.startsWith("PIN **** · press a key")));
    assert.equal(lines[shownAt], "PIN 1928");
    assert.equal(lines.at(-1), "PIN ****\n");
  });

  test("is hidden again at the next key", async () => {
    const { terminal, lines } = terminalWith(space, space);
    await showBriefly("PIN", secret, terminal);
    assert.equal(lines.at(-1), "PIN ****\n");
  });

  for (const [name, interruption] of Object.entries({ "Ctrl-C": 0x03, "Ctrl-D": 0x04 }))
    test(`is never shown after ${name}`, async () => {
      const { terminal, lines } = terminalWith(interruption);
      await assert.rejects(showBriefly("PIN", secret, terminal), Failure);
      assert.ok(!lines.some((line) => line.includes("1928")));
    });

  test("is hidden again where the terminal fails", async () => {
    const { terminal, lines } = terminalWith(space);
    const failing: Terminal = {
      ...terminal,
      nextKey: (withinMs) => (withinMs === null ? terminal.nextKey(null) : Promise.reject(new Error("gone"))),
    };
    await assert.rejects(showBriefly("PIN", secret, failing), /gone/);
    assert.equal(lines.at(-1), "PIN ****\n");
  });
});
