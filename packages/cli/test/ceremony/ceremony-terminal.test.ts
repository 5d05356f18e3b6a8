import assert from "node:assert/strict";
import { Console } from "node:console";
import { EventEmitter } from "node:events";
import { PassThrough } from "node:stream";
import { suite, test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { onOwnTerminal } from "../../src/ceremony/ceremony-terminal.ts";

/** A terminal that knows whether it echoes. */
function fakeTerminal() {
  const echoes = { now: true };
  const setRawMode = (isRaw: boolean) => {
    echoes.now = !isRaw;
  };
  const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode });
  const stderr = Object.assign(new PassThrough(), { isTTY: true, columns: 80 });
  const stdout = new PassThrough();
  const shown: string[] = [];
  stderr.on("data", (text) => shown.push(String(text)));
  const invocation = {
    environment: {},
    stdin,
    stdout,
    stderr,
    console: new Console({ stdout, stderr }),
    signals: new EventEmitter(),
    interrupt: () => {},
  };
  return { invocation, echoes, stdin, shown: () => shown.join("") };
}

suite("the terminal of a ceremony", () => {
  test("echoes nothing before, between and after its questions, and again when the ceremony is over", async () => {
    const { invocation, echoes, stdin } = fakeTerminal();
    const echoed: boolean[] = [];
    await onOwnTerminal(invocation, async (terminal) => {
      echoed.push(echoes.now);
      for (const share of ["ABCD", "EFGH"]) {
        const answer = terminal.ask("The share of a custodian:");
        await nextTurn();
        stdin.write(`${share}\r`);
        assert.equal(await answer, share);
        echoed.push(echoes.now);
      }
      const seen = terminal.showAlone(["a share"]);
      await nextTurn();
      stdin.write("\r");
      await seen;
      echoed.push(echoes.now);
    });
    assert.deepEqual(echoed, [false, false, false, false]);
    assert.equal(echoes.now, true);
  });

  test("takes what was typed between two questions for the answer to the next", async () => {
    const { invocation, stdin } = fakeTerminal();
    await onOwnTerminal(invocation, async (terminal) => {
      stdin.write("ABCD\r");
      assert.equal(await terminal.ask("The share of a custodian:"), "ABCD");
    });
  });

  test("echoes again where the ceremony is interrupted", async () => {
    const { invocation, echoes, stdin } = fakeTerminal();
    const held = onOwnTerminal(invocation, async (terminal) => {
      await terminal.ask("The share of a custodian:");
    });
    await nextTurn();
    stdin.write("\u0003");
    await assert.rejects(held, { message: "interrupted, nothing was written" });
    assert.equal(echoes.now, true);
  });

  test("is refused where there is none", async () => {
    const { invocation } = fakeTerminal();
    const piped = { ...invocation, stdin: new PassThrough() };
    await assert.rejects(
      onOwnTerminal(piped, async () => assert.fail("held")),
      { message: /on a terminal only/ },
    );
  });
});
