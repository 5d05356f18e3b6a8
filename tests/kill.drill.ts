import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { placeEmptyDatabase } from "@linchpin/test-fixtures/databases/empty-database";
import { openTestPostgres, type TestPostgres } from "@linchpin/test-fixtures/databases/postgres";
import { type BoundDevice, SolarisCardholder } from "@linchpin/testing/solaris";
import { type IssuerProcess, runLinchpin, startIssuerProcess } from "./issuer-process.ts";

const cardCount = 6;
const changingForMs = 1_500;

/** A card under change: what was answered, and what was on its way when the issuer died. */
interface Changing {
  readonly holder: SolarisCardholder;
  readonly device: BoundDevice;
  acknowledged: { digits: string; version: number };
  underWay: string | null;
}

for (const storage of ["embedded", "PostgreSQL"] as const)
  describe(`an issuer on the ${storage} store, killed in the middle of changes`, () => {
    let postgres: TestPostgres | null = null;
    let folder: string;
    let environment: Record<string, string>;
    let issuer: IssuerProcess;

    before(async () => {
      folder = await mkdtemp(join(tmpdir(), "linchpin-kill-"));
      postgres = storage === "PostgreSQL" ? await openTestPostgres() : null;
      const database = postgres === null ? {} : { LINCHPIN_DATABASE_URL: await postgres.createMigratedDatabase() };
      if (postgres === null) await placeEmptyDatabase(join(folder, "store"));
      environment = { LINCHPIN_DATA: folder, ...database };
      issuer = await startIssuerProcess(environment);
    });
    after(async () => {
      await issuer.kill("SIGTERM");
      await postgres?.stop();
      await rm(folder, { recursive: true, force: true });
    });

    it("has every change that it answered, each other one whole or not at all, and a chain that verifies", async () => {
      const cards = await Promise.all(Array.from({ length: cardCount }, () => prepare(issuer.url)));
      const changing = cards.map((card) => changeUntilItDies(card));
      await sleep(changingForMs);
      await issuer.kill("SIGKILL");
      await Promise.all(changing);
      assert.ok(
        cards.some(({ acknowledged }) => acknowledged.version > 1),
        "changes were under way",
      );

      issuer = await startIssuerProcess(environment, issuer.port);
      for (const card of cards) await assertWhole(card);
      const audit = await runLinchpin({ LINCHPIN_URL: issuer.url }, "audit", "verify");
      assert.equal(audit.exitCode, 0, audit.output);
    });
  });

async function prepare(url: string): Promise<Changing> {
  const holder = await SolarisCardholder.create(url);
  const device = await holder.bindDevice();
  assert.equal((await holder.changePin("1928", device)).status, 204);
  return { holder, device, acknowledged: { digits: "1928", version: 1 }, underWay: null };
}

async function changeUntilItDies(card: Changing): Promise<void> {
  for (let count = 0; ; count++) {
    const digits = `19${String(20 + (count % 70))}`;
    try {
      const request = await card.holder.sealAndSign(digits, card.device);
      card.underWay = digits;
      const { status } = await card.holder.sendChange(request);
      if (status === 204) card.acknowledged = { digits, version: card.acknowledged.version + 1 };
      card.underWay = null;
    } catch {
      return;
    }
  }
}

/** Version, PIN and audit say the same: the last change that was answered, or the one that was cut off. */
async function assertWhole({ holder, acknowledged, underWay }: Changing): Promise<void> {
  const { pin } = await holder.card();
  const wasCutOffDone = underWay !== null && pin.version === acknowledged.version + 1;
  assert.equal(pin.version, acknowledged.version + (wasCutOffDone ? 1 : 0));
  const digits = wasCutOffDone ? underWay : acknowledged.digits;
  assert.equal((await holder.verify(digits)).body.result, "match");
  const changes = (await holder.auditEvents()).filter(
    ({ operation, outcome }) => operation === "solaris.pin_update_requests" && outcome === "done",
  );
  assert.equal(changes.length, pin.version);
}
