import { randomBytes } from "node:crypto";
import type { AuditKeyChange } from "../../src/keyring/key-life-cycle.ts";
import { Keyring } from "../../src/keyring/keyring.ts";
import { SoftwareVault } from "../../src/software/software-vault.ts";
import { MemoryKeyRecords } from "./memory-key-records.ts";

// One issuer: the key records that its servers share, a clock that only moves when a test moves it, and servers.

export const masterKey = randomBytes(32);
export const gracePeriodMs = 60_000;
export const purposes = {
  session: { algorithm: "A256GCM", gracePeriodMs },
  storage: { algorithm: "A256GCM", gracePeriodMs: null },
  recall: { algorithm: "HS256", gracePeriodMs },
} as const;
export const plaintext = Buffer.from("plaintext");
export const card = Buffer.from("card");

export const fixture = { records: new MemoryKeyRecords(), nowMs: 0 };

/** For `beforeEach`: no keys, and the first of January 2026. */
export function resetFixture(): void {
  fixture.records = new MemoryKeyRecords();
  fixture.nowMs = Date.UTC(2026, 0, 1);
}

type Settings = Partial<ConstructorParameters<typeof Keyring>[0]>;

const auditKeyChange: AuditKeyChange = (change, { purpose, version }, facts) => ({
  subject: "keys",
  cardId: null,
  occurredAt: new Date(fixture.nowMs),
  content: JSON.stringify([change, purpose, version, facts]),
});

/** The keyring of one more server. */
export function server(settings: Settings = {}): Keyring {
  return new Keyring({
    vault: new SoftwareVault(masterKey),
    records: fixture.records,
    purposes,
    auditKeyChange,
    clock: () => new Date(fixture.nowMs),
    pause: async () => {},
    ...settings,
  });
}

export async function startedServer(settings: Settings = {}): Promise<Keyring> {
  const keyring = server(settings);
  await keyring.ensure();
  return keyring;
}

export function idsOf(keys: readonly { id: string }[]): string[] {
  return keys.map(({ id }) => id);
}
