import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { describe, it } from "node:test";
import { linchpin } from "@linchpin/test-fixtures/command/linchpin";
import { needsProgram } from "@linchpin/test-fixtures/system/system-package";

/** What each shell offers for the last word of a command line. */
const offers: Readonly<Record<string, (script: string, words: readonly string[]) => string[]>> = {
  bash: (script, words) => {
    const program = `${script}
      COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${words.length - 1}
      _linchpin; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return linesOf(execFileSync("bash", ["-c", program], { encoding: "utf8" }));
  },
  // Outside its line editor zsh completes nothing: the words that are added are printed instead.
  zsh: (script, words) => {
    const program = `compdef() { : }; compadd() { shift; print -l -- $@ }; ${script}
      words=(${words.map((word) => `'${word}'`).join(" ")}); CURRENT=${words.length}; _linchpin`;
    const all = linesOf(execFileSync("zsh", ["-f", "-c", program], { encoding: "utf8" }));
    return all.filter((word) => word.startsWith(words.at(-1) ?? ""));
  },
};

for (const [shell, offer] of Object.entries(offers))
  describe(`completion ${shell}`, { skip: needsProgram([shell, "--version"], shell) }, () => {
    const completed = async (...words: string[]) => {
      const { code, stdout } = await linchpin(["completion", shell]);
      assert.equal(code, 0);
      return offer(stdout, ["linchpin", ...words]);
    };

    it("completes a command", async () => assert.deepEqual(await completed("compl"), ["completion"]));

    it("completes a command of a command", async () => {
      assert.deepEqual(await completed("keys", "ro"), ["rotate"]);
      assert.deepEqual(await completed("device", "venly", ""), ["enroll", "transfer", "--help"]);
    });

    it("completes a command's own options, after others and their values", async () => {
      const words = await completed("device", "bind", "--person", "keys", "--otp");
      assert.deepEqual(words, ["--otp-from-sandbox"]);
    });

    it("completes the choices of an argument", async () =>
      assert.deepEqual(await completed("completion", "b"), ["bash"]));

    it("offers nothing that is not there", async () => assert.deepEqual(await completed("keys", "frobnicate"), []));
  });

describe("completion", () => {
  it("is for no other shell", async () => {
    const { code, stderr } = await linchpin(["completion", "fish"]);
    assert.equal(code, 64);
    assert.match(stderr, /bash, zsh/);
  });
});

function linesOf(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}
