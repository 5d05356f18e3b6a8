import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import type { Store } from "@linchpin/store";
import {
  addCard,
  addChallenge,
  addDevice,
  addPerson,
  authorize,
  challengeOf,
  changeRequestOf,
  earlier,
  eventsOf,
  freshId,
  freshMark,
  later,
  message,
  now,
  sendOtp,
  written,
} from "../fresh-records.ts";

/** What every store must do with challenges. */
export function challengeContract(storeOf: () => Store): void {
  describe("challenges", () => {
    let store: Store;
    before(() => {
      store = storeOf();
    });

    test("a challenge is found as it was added, with what went out because of it", async () => {
      const recipient = freshId("+1555");
      const personId = await addPerson(store);
      const deviceId = await addDevice(store, personId);
      const challenge = await addChallenge(store, { personId, deviceId, keyPurpose: "restricted" });
      assert.deepEqual(await store.findChallenge(challenge.id), challenge);
      assert.equal(await store.findChallenge("none"), null);
      const sent = message(recipient, "Your OTP is 212212");
      await store.addChallenge({ ...challenge, id: freshId("challenge") }, written("challenge", null, [sent]));
      assert.deepEqual(await store.listMessages(recipient, 10), [sent]);
    });

    test("the newest open one is found: of its kind, of its person, alive", async () => {
      const { personId } = await addChallenge(store, { createdAt: earlier });
      const newest = await addChallenge(store, { personId });
      await addChallenge(store, { personId, kind: "activation_code", createdAt: later });
      await addChallenge(store, { createdAt: later });
      assert.deepEqual(await store.findOpenChallenge("device_binding", personId, now), newest);
      assert.equal(await store.findOpenChallenge("device_binding", personId, later), null);
      assert.equal(await store.findOpenChallenge("mobile_number", personId, now), null);
    });

    test("tries run out, and are not given once it is answered, ended or expired", async () => {
      const { id } = await addChallenge(store);
      assert.equal(await store.takeTry(id, 2, now), "taken");
      assert.equal(await store.takeTry(id, 2, later), "ended");
      assert.equal(await store.takeTry(id, 2, now), "taken");
      assert.equal(await store.takeTry(id, 2, now), "ended");
      assert.equal((await store.findChallenge(id))?.tries, 2);
      assert.equal(await store.takeTry("none", 2, now), "ended");
      const answered = await addChallenge(store);
      await store.answerChallenge(answered.id, now, written("answered"));
      assert.equal(await store.takeTry(answered.id, 2, now), "ended");
    });

    test("a challenge is answered once, while it is alive", async () => {
      const { id } = await addChallenge(store);
      assert.equal(await store.answerChallenge(id, later, written("answered")), "ended");
      assert.equal(await store.answerChallenge("none", now, written("answered")), "ended");
      assert.equal(await store.answerChallenge(id, now, written("answered")), "answered");
      assert.equal(await store.answerChallenge(id, now, written("answered")), "ended");
      assert.equal((await store.findChallenge(id))?.state, "answered");
    });

    test("open ones are ended together, by kind and person", async () => {
      const first = await addChallenge(store, { kind: "activation_code" });
      const { personId } = first;
      const binding = await addChallenge(store, { personId });
      await addChallenge(store, { personId, kind: "activation_code" });
      assert.equal(await store.endChallenges("activation_code", personId), 2);
      assert.equal(await store.endChallenges("activation_code", personId), 0);
      assert.equal((await store.findChallenge(first.id))?.state, "ended");
      assert.equal(await store.answerChallenge(first.id, now, written("answered")), "ended");
      assert.equal(await store.answerChallenge(binding.id, now, written("answered")), "answered");
    });

    test("OTPs and codes sent to a person in an hour are counted together; one too many leaves no trace", async () => {
      const card = await addCard(store);
      const { id: personId } = card.person;
      const ended = changeRequestOf(card, { status: "FAILED", sealedPin: null });
      const request = changeRequestOf(card);
      for (const added of [ended, request]) await store.addChangeRequest(added, freshMark(), written("requested"));
      const limit = { maxOtpsPerHour: 3 };
      assert.equal(await sendOtp(store, personId, limit), "added");
      assert.equal(await sendOtp(store, personId, limit, { kind: "activation_code" }), "added");
      assert.equal(await authorize(store, ended.id, now, 3), "ended");
      assert.equal(await authorize(store, request.id, now, 3), "authorized");
      const updated = await store.findChangeRequest(request.id);
      const kept = challengeOf({ personId });
      assert.equal(await store.addChallenge(kept, written("kept", personId)), "added");
      const refused = challengeOf({ personId });
      const sent = written("refused", personId, [message(personId, "OTP")]);
      assert.equal(await store.addChallenge(refused, sent, { ...limit, replaces: true }), "rate_limited");
      assert.equal(await authorize(store, request.id, new Date(now.getTime() + 1), 3), "rate_limited");
      assert.equal(await store.findChallenge(refused.id), null);
      assert.equal((await store.findChallenge(kept.id))?.state, "open");
      assert.deepEqual(await store.findChangeRequest(request.id), updated);
      assert.deepEqual(await eventsOf(store, personId), ["sent", "sent", "kept"]);
      assert.equal((await store.listMessages(personId, 10)).length, 2);
      assert.equal(await authorize(store, request.id, now, null), "authorized");
      assert.equal(await sendOtp(store, await addPerson(store), { maxOtpsPerHour: 1 }), "added");
    });

    test("the count starts again with the next hour, but not for a server whose clock is behind", async () => {
      const personId = await addPerson(store);
      const at = (time: string) =>
        sendOtp(store, personId, { maxOtpsPerHour: 1 }, { createdAt: new Date(`2026-11-22T${time}Z`) });
      assert.equal(await at("10:59:59.999"), "added");
      assert.equal(await at("10:00:00.000"), "rate_limited");
      assert.equal(await at("11:00:00.000"), "added");
      assert.equal(await at("10:59:59.999"), "rate_limited");
      assert.equal(await at("11:59:59.999"), "rate_limited");
    });

    test("one that replaces ends what is open of its kind and person, and nothing else", async () => {
      const first = await addChallenge(store, { kind: "mobile_number" });
      const { personId } = first;
      const others = [await addChallenge(store, { personId }), await addChallenge(store, { kind: "mobile_number" })];
      const sending = { maxOtpsPerHour: 9, replaces: true };
      assert.equal(await sendOtp(store, personId, sending, { kind: "mobile_number" }), "added");
      assert.equal((await store.findChallenge(first.id))?.state, "ended");
      for (const { id } of others) assert.equal((await store.findChallenge(id))?.state, "open");
      assert.notEqual(await store.findOpenChallenge("mobile_number", personId, now), null);
    });

    test("expired ones are deleted, others stay", async () => {
      const expired = await addChallenge(store, { expiresAt: earlier });
      const alive = await addChallenge(store);
      assert.equal(await store.deleteExpiredChallenges(now), 1);
      assert.equal(await store.findChallenge(expired.id), null);
      assert.deepEqual(await store.findChallenge(alive.id), alive);
    });
  });
}
