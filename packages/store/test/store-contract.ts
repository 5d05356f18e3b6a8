import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type Store, verifyAuditChain } from "@linchpin/store";
import { auditContract } from "./audit/audit-contract.ts";
import { callerContract } from "./callers/caller-contract.ts";
import { cardContract } from "./cards/card-contract.ts";
import { cardDataContract } from "./cards/card-data-contract.ts";
import { cardDetailsContract } from "./cards/card-details-contract.ts";
import { challengeContract } from "./challenges/challenge-contract.ts";
import { changeRequestContract } from "./change-requests/change-request-contract.ts";
import { deviceContract } from "./devices/device-contract.ts";
import { idempotentRequestContract } from "./idempotent-requests/idempotent-request-contract.ts";
import { keyContract } from "./keys/key-contract.ts";
import { manifestContract } from "./manifests/manifest-contract.ts";
import { outboxContract } from "./outbox/outbox-contract.ts";
import { personContract } from "./persons/person-contract.ts";
import { pinContract } from "./pins/pin-contract.ts";
import { replayMarkContract } from "./replay-marks/replay-mark-contract.ts";
import { sessionContract } from "./sessions/session-contract.ts";
import { signingMethodContract } from "./signing/signing-contract.ts";
import { webhookContract } from "./webhooks/webhook-contract.ts";

const contracts = [
  callerContract,
  personContract,
  cardContract,
  replayMarkContract,
  pinContract,
  deviceContract,
  challengeContract,
  changeRequestContract,
  auditContract,
  outboxContract,
  cardDataContract,
  cardDetailsContract,
  idempotentRequestContract,
  keyContract,
  manifestContract,
  sessionContract,
  signingMethodContract,
  webhookContract,
];

/** What every store must do for one caller at a time. `open` is called once. */
export function storeContract(name: string, open: () => Promise<{ store: Store; close(): Promise<void> }>): void {
  describe(name, () => {
    let store: Store;
    let close: () => Promise<void>;
    before(async () => {
      ({ store, close } = await open());
    });
    after(async () => {
      assert.equal((await verifyAuditChain(store)).intact, true);
      await close();
    });

    for (const contract of contracts) contract(() => store);

    test("the store answers", async () => {
      await assert.doesNotReject(store.ping());
    });
  });
}
