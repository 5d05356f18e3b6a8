import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { LinchpinError } from "@linchpin/core";
import {
  checkAlgorithms,
  endOfGracePeriod,
  endOfLife,
  type KeyPolicy,
  policyOf,
} from "../../src/keyring/key-policy.ts";
import { SoftwareVault } from "../../src/software/software-vault.ts";
import { VaultWithoutPkcs1 } from "../declining-vault.ts";
import { fixture, masterKey, purposes, resetFixture, server, startedServer } from "./keyring-fixture.ts";

beforeEach(resetFixture);

describe("a key with a lifetime", () => {
  const dayMs = 24 * 3_600_000;
  const limited = { algorithm: "A256GCM", gracePeriodMs: 30 * dayMs, lifetimeMs: 365 * dayMs } as const;
  const limitedOnly = { limited };

  it("is accepted to the end of its last day, and this does not change when it is rotated", async () => {
    const keyring = await startedServer({ purposes: limitedOnly });
    const first = await keyring.current("limited");
    assert.equal(first.acceptedUntil?.toISOString(), "2027-01-01T23:59:59.999Z");
    fixture.nowMs += dayMs;
    const second = await keyring.rotate("limited");
    assert.equal(second.acceptedUntil?.toISOString(), "2027-01-02T23:59:59.999Z");
    assert.deepEqual(await keyring.find("limited", first.id), first);
    fixture.nowMs = Date.UTC(2027, 0, 1, 23, 59, 59, 998);
    assert.deepEqual(await keyring.find("limited", first.id), first);
    fixture.nowMs += 1;
    await assert.rejects(keyring.find("limited", first.id), { code: "key_expired" });
  });

  it("is rotated automatically, once only the grace period is left of it", async () => {
    const keyring = await startedServer({ purposes: limitedOnly });
    const first = await keyring.current("limited");
    fixture.nowMs = (first.acceptedUntil?.getTime() ?? 0) - limited.gracePeriodMs - 1;
    await keyring.rotateDue();
    assert.deepEqual(await keyring.current("limited"), first);
    fixture.nowMs += 1;
    await Promise.all(Array.from({ length: 5 }, () => keyring.rotateDue()));
    assert.equal((await keyring.current("limited")).version, 2);
    assert.deepEqual(await keyring.find("limited", first.id), first);
    assert.equal((await keyring.list()).length, 2);
  });

  it("is rotated once where two servers do so at once", async () => {
    const servers = [await startedServer({ purposes: limitedOnly }), await startedServer({ purposes: limitedOnly })];
    fixture.nowMs += limited.lifetimeMs;
    await Promise.all(servers.map((keyring) => keyring.rotateDue()));
    const nexts = await Promise.all(servers.map((keyring) => keyring.current("limited")));
    assert.equal(new Set(nexts.map(({ id }) => id)).size, 1);
    assert.equal(nexts[0]?.version, 2);
  });

  it("is rotated on demand after its end, where no server rotated it in time", async () => {
    const keyring = await startedServer({ purposes: limitedOnly });
    fixture.nowMs += 2 * limited.lifetimeMs;
    const nexts = await Promise.all(Array.from({ length: 5 }, () => keyring.current("limited")));
    assert.deepEqual(new Set(nexts.map(({ version }) => version)), new Set([2]));
    assert.equal((await keyring.list()).length, 2);
  });

  it("is unavailable after its end, while the next one cannot be made", async () => {
    const vault = new SoftwareVault(masterKey);
    const keyring = await startedServer({ purposes: limitedOnly, vault });
    vault.makeKey = () => Promise.reject(new LinchpinError("unavailable"));
    fixture.nowMs += 2 * limited.lifetimeMs;
    await assert.rejects(keyring.current("limited"), { code: "unavailable" });
  });

  it("is replaced at the start when it ended while no server ran", async () => {
    const before = await (await startedServer({ purposes: limitedOnly })).current("limited");
    fixture.nowMs += 2 * limited.lifetimeMs;
    const keyring = await startedServer({ purposes: limitedOnly });
    assert.equal((await keyring.current("limited")).version, 2);
    await assert.rejects(keyring.find("limited", before.id), { code: "key_expired" });
    assert.deepEqual(
      (await keyring.list()).map(({ state }) => state),
      ["current", "retired"],
    );
  });
});

describe("a key policy", () => {
  const policy = { algorithm: "A256GCM", gracePeriodMs: 1000 } as const;
  const noon = new Date("2026-01-01T12:00:00Z");

  it("ends a lifetime with its last day, UTC", () => {
    const end = (lifetimeMs: number) => endOfLife({ ...policy, lifetimeMs }, noon)?.toISOString();
    assert.equal(end(0), "2026-01-01T23:59:59.999Z");
    assert.equal(end(12 * 3_600_000 - 1), "2026-01-01T23:59:59.999Z");
    assert.equal(end(12 * 3_600_000), "2026-01-02T23:59:59.999Z");
  });

  it("has no end without a lifetime", () => assert.equal(endOfLife(policy, noon), null));

  it("ends the version before when the grace period has passed, or never", () => {
    assert.equal(endOfGracePeriod(policy, noon)?.toISOString(), "2026-01-01T12:00:01.000Z");
    assert.equal(endOfGracePeriod({ ...policy, gracePeriodMs: 0 }, noon)?.getTime(), noon.getTime());
    assert.equal(endOfGracePeriod({ ...policy, gracePeriodMs: null }, noon), null);
  });

  it("is found by the purpose's exact name alone", () => {
    const policies = new Map([["storage", policy]]);
    assert.equal(policyOf(policies, "storage"), policy);
    for (const purpose of ["Storage", "", "constructor", "__proto__"])
      assert.throws(() => policyOf(policies, purpose), { code: "not_found" });
  });
});

describe("a vault that declines an algorithm", () => {
  const advice = "LINCHPIN_WRAP=oaep";
  const change = { algorithm: "RSA-PKCS1", gracePeriodMs: 0, settingForOtherAlgorithm: advice } as const;
  const settings = { vault: new VaultWithoutPkcs1(masterKey), vaultName: "kms:a" };
  const refused = {
    code: "settings_invalid",
    reason:
      "the vault kms:a does not compute RSA-PKCS1 (its provider offers no RSAES-PKCS1-v1_5), which the keys for change, reveal need: set LINCHPIN_WRAP=oaep, or LINCHPIN_VAULT to another vault",
  };

  it("is refused at the start, before any key is made: the reason names the purposes and what to change", async () => {
    const keyring = server({ ...settings, purposes: { ...purposes, change, reveal: change } });
    await assert.rejects(keyring.ensure(), refused);
    await assert.rejects(keyring.tryOut(), refused);
    assert.deepEqual(await keyring.list(), []);
  });

  it("serves purposes that do not need the algorithm", async () => {
    const wrapping = { algorithm: "RSA-OAEP-256", gracePeriodMs: 0 } as const;
    const keyring = await startedServer({ ...settings, purposes: { ...purposes, wrapping } });
    assert.equal((await keyring.list()).length, 4);
  });

  it("is named with each algorithm that it declines, and each purpose's own setting", () => {
    const declines = (algorithm: string) => (algorithm === "HS256" ? null : "no reason");
    const policies = new Map<string, KeyPolicy>([
      ["change", change],
      ["reveal", { ...change, settingForOtherAlgorithm: "LINCHPIN_OTHER=1" }],
      ["mac", { algorithm: "HS256", gracePeriodMs: 0 }],
      ["notice", { algorithm: "ES256", gracePeriodMs: 0 }],
    ]);
    assert.throws(() => checkAlgorithms(policies, Object.assign(settings.vault, { declines }), "kms:a"), {
      reason:
        "the vault kms:a does not compute RSA-PKCS1 (no reason), which the keys for change, reveal need: set LINCHPIN_WRAP=oaep, or LINCHPIN_OTHER=1, or LINCHPIN_VAULT to another vault; it does not compute ES256 (no reason), which the keys for notice need: set LINCHPIN_VAULT to another vault",
    });
  });

  it("declines nothing without the method", () => {
    checkAlgorithms(new Map([["change", change]]), new SoftwareVault(masterKey), "software");
  });
});
