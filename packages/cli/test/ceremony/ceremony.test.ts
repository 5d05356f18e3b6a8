import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe, it } from "node:test";
import { masterKeyFingerprint } from "@linchpin/vault";
import { backUp, type CeremonyTerminal, restore } from "../../src/ceremony/ceremony.ts";

const masterKey = Uint8Array.from(randomBytes(32));

/** Custodians who write down what they see, and a screen that remembers what was on it. */
class Custodians implements CeremonyTerminal {
  readonly said: string[] = [];
  readonly papers: string[] = [];
  readonly screens: string[] = [];
  /** What is typed, by the count of questions before; else what the newest paper says. */
  typing: (question: number, newest: string) => string = (_question, newest) => newest;
  #questions = 0;

  say(line: string): void {
    this.said.push(line);
  }

  async showAlone(lines: readonly string[]): Promise<void> {
    this.screens.push(lines.join("\n"));
    const paper = lines.flatMap((line) => /^ +[0-9]+ {2}(\S+)$/.exec(line)?.[1] ?? []).join(" ");
    if (this.papers.at(-1) !== paper) this.papers.push(paper);
  }

  async ask(): Promise<string> {
    return this.typing(this.#questions++, this.papers.at(-1) ?? "");
  }
}

async function backedUp(numbers = { shares: 5, threshold: 3 }): Promise<string[]> {
  const custodians = new Custodians();
  await backUp(custodians, masterKey, numbers);
  return custodians.papers;
}

function typing(answers: readonly string[]): Custodians {
  const custodians = new Custodians();
  custodians.typing = (question) => answers[question] ?? assert.fail("asked once more");
  return custodians;
}

const mistype = (paper: string) => paper.replace(/^(.)/, (first) => (first === "7" ? "8" : "7"));

describe("a backup", () => {
  it("shows one share a screen, and has each typed back before the next", async () => {
    const custodians = new Custodians();
    await backUp(custodians, masterKey, { shares: 3, threshold: 2 });
    assert.equal(custodians.papers.length, 3);
    assert.equal(custodians.screens.length, 3);
    for (const [index, paper] of custodians.papers.entries())
      for (const [other, screen] of custodians.screens.entries())
        assert.equal(
          paper.split(" ").every((group) => screen.includes(group)),
          index === other,
        );
    assert.deepEqual(custodians.said.slice(0, 2), [
      "Now custodian 1 of 3, alone at the screen.",
      "Custodian 1: checked.",
    ]);
    assert.match(
      custodians.said.at(-1) ?? "",
      new RegExp(`Any 2 of the 3 restore the master key ${masterKeyFingerprint(masterKey)}`),
    );
    for (const line of custodians.said)
      for (const paper of custodians.papers) assert.ok(!line.includes(paper.slice(0, 9)));
  });

  it("shows a share once more that was mistyped, and says which group", async () => {
    const custodians = new Custodians();
    custodians.typing = (question, newest) => (question === 0 ? mistype(newest) : newest);
    await backUp(custodians, masterKey, { shares: 2, threshold: 2 });
    assert.ok(custodians.said.includes("This share is not as it was written down: group 1 is mistyped."));
    assert.equal(custodians.screens.length, 3);
    assert.deepEqual(await restore(typing(custodians.papers)), masterKey);
  });

  it("takes no other custodian's share for this one's", async () => {
    const custodians = new Custodians();
    custodians.typing = (question, newest) => (question === 1 ? (custodians.papers[0] ?? "") : newest);
    await backUp(custodians, masterKey, { shares: 2, threshold: 2 });
    assert.match(custodians.said.join("\n"), /That is the share of custodian 1 of 2/);
    assert.equal(custodians.screens.length, 3);
  });

  it("is refused where too few would restore it", async () => {
    const custodians = new Custodians();
    await assert.rejects(backUp(custodians, masterKey, { shares: 3, threshold: 1 }), { code: "settings_invalid" });
    assert.deepEqual(custodians.screens, []);
  });
});

describe("a restoration", () => {
  it("takes shares until there are enough, whoever brings them", async () => {
    const [one = "", , three = "", , five = ""] = await backedUp();
    const custodians = typing([five, one, three]);
    assert.deepEqual(await restore(custodians), masterKey);
    assert.deepEqual(custodians.said, [
      "Custodian 5 of 5: taken. 2 to come.",
      "Custodian 1 of 5: taken. 1 to come.",
      "Custodian 3 of 5: taken.",
    ]);
  });

  it("tells apart what is mistyped, given twice, or of another backup, and goes on", async () => {
    const [one = "", two = "", three = ""] = await backedUp();
    const [, , , other = ""] = await backedUp();
    const custodians = typing(["", mistype(one), one, one, other, two, `${three} 0`, three]);
    assert.deepEqual(await restore(custodians), masterKey);
    const words = custodians.said.join("\n");
    assert.match(words, /this has 0 characters/);
    assert.match(words, /group 1 is mistyped/);
    assert.match(words, /The share of custodian 1 is there already\. Not taken/);
    assert.match(words, /The share of custodian 4 is of another backup than that of custodian 1\. Not taken/);
    assert.equal(custodians.said.filter((line) => /: taken\./.test(line)).length, 3);
  });
});
