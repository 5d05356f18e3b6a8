import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { LinchpinError } from "@linchpin/core";
import fc from "fast-check";
import {
  formatShare,
  joinMasterKeyShares,
  type MasterKeyShare,
  masterKeyFingerprint,
  parseShare,
  splitMasterKey,
} from "../../src/software/master-key-shares.ts";

const masterKey = Uint8Array.from(randomBytes(32));
const five = await splitMasterKey(masterKey, { shares: 5, threshold: 3 });
const [one, two, three, four, fifth] = five as [
  MasterKeyShare,
  MasterKeyShare,
  MasterKeyShare,
  MasterKeyShare,
  MasterKeyShare,
];
const typedOf = (share: MasterKeyShare) => formatShare(share).join(" ");

test("any three of five restore the key, in any order, and so do more", async () => {
  for (let first = 0; first < 5; first++)
    for (let second = 0; second < 5; second++)
      for (let third = 0; third < 5; third++) {
        if (new Set([first, second, third]).size < 3) continue;
        const chosen = [first, second, third].map((index) => five[index] ?? assert.fail());
        assert.deepEqual(await joinMasterKeyShares(chosen), masterKey);
      }
  assert.deepEqual(await joinMasterKeyShares(five), masterKey);
});

test("other numbers of shares restore it too", async () => {
  for (const [shares, threshold] of [
    [2, 2],
    [3, 2],
    [16, 16],
  ] as const) {
    const split = await splitMasterKey(masterKey, { shares, threshold });
    assert.equal(split.length, shares);
    assert.deepEqual(await joinMasterKeyShares(split.slice(-threshold)), masterKey);
  }
});

for (const [shares, threshold] of [
  [1, 1],
  [5, 1],
  [5, 6],
  [17, 3],
  [0, 0],
  [5, 2.5],
  [Number.NaN, 2],
] as const)
  test(`${threshold} of ${shares} is no split`, async () => {
    await assert.rejects(splitMasterKey(masterKey, { shares, threshold }), { code: "settings_invalid" });
  });

test("too few shares, and one given twice, restore nothing", async () => {
  for (const shares of [[], [one], [one, two], [one, two, two]])
    await assert.rejects(joinMasterKeyShares(shares), { code: "settings_invalid" });
});

test("shares of another key or another split are told apart, by whose they are", async () => {
  const again = await splitMasterKey(masterKey, { shares: 5, threshold: 3 });
  const others = await splitMasterKey(randomBytes(32), { shares: 5, threshold: 3 });
  for (const stranger of [again[3], others[3]])
    await assert.rejects(joinMasterKeyShares([one, two, stranger ?? assert.fail()]), {
      code: "settings_invalid",
      reason: "the share of custodian 4 is of another split",
    });
});

test("a combination that gives another key is detected, whatever the shares say", async () => {
  const [, , , other = assert.fail()] = await splitMasterKey(randomBytes(32), { shares: 5, threshold: 3 });
  const forged = { ...other, splitId: one.splitId, fingerprint: one.fingerprint };
  const spoilt = { ...three, part: three.part.map((byte, index) => (index === 9 ? byte ^ 1 : byte)) };
  for (const shares of [
    [one, two, forged],
    [one, two, spoilt],
    [one, two, { ...three, part: one.part }],
  ])
    await assert.rejects(joinMasterKeyShares(shares), { code: "settings_invalid", reason: /do not belong together/ });
});

test("fewer shares than it takes tell nothing of the key", () => {
  for (const share of five) {
    assert.equal(Buffer.from(share.part).includes(Buffer.from(masterKey.subarray(0, 4))), false);
    assert.equal(share.part.length, 33);
  }
});

test("a share is read as it was written, whatever its case, spaces and hyphens, O for 0 and I or L for 1", () => {
  for (const share of five) {
    const typed = typedOf(share);
    for (const text of [typed, typed.toLowerCase(), typed.replaceAll(" ", ""), typed.replaceAll(" ", "-\n")])
      assert.deepEqual(parseShare(text), share);
    assert.deepEqual(parseShare(typed.replaceAll("0", "o").replaceAll("1", "l")), share);
    assert.deepEqual(parseShare(typed.replaceAll("0", "O").replaceAll("1", "I")), share);
  }
});

test("a share tells whose it is, of how many, and how many it takes", () => {
  assert.deepEqual(
    five.map(({ custodian, shares, threshold }) => [custodian, shares, threshold]),
    [1, 2, 3, 4, 5].map((custodian) => [custodian, 5, 3]),
  );
  assert.equal(parseShare(typedOf(fifth)).custodian, 5);
  assert.equal(four.fingerprint, masterKeyFingerprint(masterKey));
  assert.notEqual(masterKeyFingerprint(masterKey), masterKeyFingerprint(randomBytes(32)));
});

test("a mistyped share is never taken for another", () => {
  const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZU!";
  const compact = formatShare(one).join("");
  const mistype = fc.record({ at: fc.nat(compact.length - 1), as: fc.constantFrom(...alphabet) });
  fc.assert(
    fc.property(fc.array(mistype, { minLength: 1, maxLength: 3 }), (mistypes) => {
      const characters = [...compact];
      for (const { at, as } of mistypes) characters[at] = as;
      const typed = characters.join("");
      if (typed === compact) return;
      assert.throws(() => parseShare(typed), isMistyped);
    }),
    { numRuns: 3000 },
  );
});

test("one mistyped character is always told by its group", () => {
  const groups = formatShare(one);
  for (const [index, group] of groups.slice(0, 9).entries())
    for (let at = 0; at < 9; at++)
      for (const as of "0123456789ABCDEFGHJKMNPQRSTVWXYZ") {
        if (group[at] === as) continue;
        const typed = groups.with(index, group.slice(0, at) + as + group.slice(at + 1)).join("");
        assert.throws(
          () => parseShare(typed),
          (error) => error instanceof LinchpinError && error.reason === `group ${index + 1} is mistyped`,
        );
      }
});

test("groups that were exchanged, left out or written twice are refused", () => {
  const groups = formatShare(one);
  const [first = "", second = ""] = groups;
  for (const typed of [
    [second, first, ...groups.slice(2)],
    groups.slice(1),
    groups.slice(0, -1),
    [first, ...groups],
    [],
    [...groups.slice(0, -1), formatShare(two).at(-1) ?? ""],
    [...groups.slice(0, 8), formatShare(two)[8] ?? "", groups[9] ?? ""],
  ])
    assert.throws(() => parseShare(typed.join(" ")), isMistyped);
});

function isMistyped(error: unknown): boolean {
  return error instanceof LinchpinError && error.code === "encoding_invalid";
}
