import { constants, createDecipheriv, privateDecrypt, randomUUID } from "node:crypto";
import { createUser, updateSigningMethod } from "@linchpin/device/venly";
import { rsa, shortRsa, spkiOf } from "./crypto.ts";
import { alteringReply, answering, parsed, passesOn } from "./relay.ts";
import { rootsOf, type Scene, toldBy } from "./stage.ts";
import { type Column, stopped, stoppedByRoots, succeeds } from "./trials.ts";

const values = { first: "192837", second: "564738", third: "920817" };

const makeUser = (scene: Scene, isPinned: boolean) =>
  createUser({ ...scene.way, ...rootsOf(scene, isPinned), reference: randomUUID(), pin: Buffer.from(values.first) });

type User = Awaited<ReturnType<typeof createUser>>;

/** Gives the user's PIN another value. */
const update = (scene: Scene, { userId, signingMethodId }: User, isPinned: boolean, known: string, value: string) =>
  updateSigningMethod({
    ...scene.way,
    ...rootsOf(scene, isPinned),
    userId,
    signingMethodId,
    value: Buffer.from(value),
    known: { id: signingMethodId, value: Buffer.from(known) },
  });

/** Whether the user's PIN has this value: it authorizes a change to the same one. */
async function hasValue(scene: Scene, user: User, value: string): Promise<boolean> {
  scene.relay.conduct = passesOn;
  return (await toldBy(update(scene, user, false, value, value))) === "done";
}

/** What an envelope holds that was sealed to the relay's key. */
function open(envelope: { encryption: { key: { encryptedValue: string }; iv: string }; value: string }): string {
  const { key, iv } = envelope.encryption;
  const oaep = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha256" };
  const contentKey = privateDecrypt({ key: rsa.privateKey, ...oaep }, Buffer.from(key.encryptedValue, "base64"));
  const sealed = Buffer.from(envelope.value, "base64");
  const decipher = createDecipheriv("aes-256-gcm", contentKey, Buffer.from(iv, "base64"));
  decipher.setAuthTag(sealed.subarray(-16));
  return Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]).toString();
}

const made = {
  status: 200,
  body: JSON.stringify({ success: true, result: { id: "1", signingMethods: [{ id: "2" }] } }),
};

/** Alice makes a user under a key of the relay's. What is sealed to it stays with the relay. */
const makeUserWithKey = (scene: Scene, isPinned: boolean, publicKey: string) => {
  const swapping = alteringReply("/api/security", ({ result, ...body }) => ({
    ...body,
    result: { encryptionKeys: [{ ...result.encryptionKeys[0], publicKey }] },
  }));
  scene.relay.conduct = async (sent, pass) => (sent.path.endsWith("/api/users") ? made : swapping(sent, pass));
  return toldBy(makeUser(scene, isPinned));
};

const updatePath = "/signing-methods/";

export const venly: Column = {
  name: "Venly",
  trials: {
    "swaps the issuer's key": stoppedByRoots({
      how: "for a key pair of its own",
      by: "issuer_key_unvouched",
      play: async (scene, isPinned) => {
        const told = await makeUserWithKey(scene, isPinned, spkiOf(rsa.publicKey));
        const sent = scene.relay.seen.findLast(({ path }) => path.endsWith("/api/users"));
        return sent && open(parsed(sent.body)).includes(values.first) ? "succeeds" : told;
      },
    }),
    "sets a PIN of its own choice": stopped({
      how: "without the user's signing method",
      by: "403",
      play: async (scene, isPinned) => {
        const user = await makeUser(scene, isPinned);
        const path = `/venly/api/users/${user.userId}/signing-methods/${user.signingMethodId}`;
        const { status } = await scene.relay.ask("PUT", path, { value: values.second });
        return (await hasValue(scene, user, values.second)) ? "succeeds" : `${status}`;
      },
    }),
    "forges an answer": succeeds({
      how: "that a value was changed",
      play: async (scene, isPinned) => {
        const user = await makeUser(scene, isPinned);
        scene.relay.conduct = answering(updatePath, () => made);
        const told = await toldBy(update(scene, user, isPinned, values.first, values.second));
        return told === "done" && (await hasValue(scene, user, values.first)) ? "succeeds" : told;
      },
    }),
    "presents the answer to another message": succeeds({
      how: "of an earlier change of a value",
      play: async (scene, isPinned) => {
        const user = await makeUser(scene, isPinned);
        await update(scene, user, isPinned, values.first, values.second);
        const { reply } = scene.relay.last(updatePath);
        scene.relay.conduct = answering(updatePath, () => reply);
        const told = await toldBy(update(scene, user, isPinned, values.second, values.third));
        return told === "done" && (await hasValue(scene, user, values.second)) ? "succeeds" : told;
      },
    }),
    "sends a message again": stopped({
      how: "a change of a value, once the value before is back",
      by: "409",
      play: async (scene, isPinned) => {
        const user = await makeUser(scene, isPinned);
        await update(scene, user, isPinned, values.first, values.second);
        const first = scene.relay.last(updatePath);
        await update(scene, user, isPinned, values.second, values.first);
        const { status } = await scene.relay.pass(first);
        return (await hasValue(scene, user, values.second)) ? "succeeds" : `${status}`;
      },
    }),
    "delivers a message late, after a newer one": stopped({
      how: "a change of a value, which the value before authorized",
      by: "403",
      play: async (scene, isPinned) => {
        const user = await makeUser(scene, isPinned);
        scene.relay.conduct = answering(updatePath, () => ({ status: 502, body: "" }));
        await toldBy(update(scene, user, isPinned, values.first, values.second));
        const held = scene.relay.last(updatePath);
        scene.relay.conduct = passesOn;
        await update(scene, user, isPinned, values.first, values.third);
        const { status } = await scene.relay.pass(held);
        return (await hasValue(scene, user, values.second)) ? "succeeds" : `${status}`;
      },
    }),
    "downgrades algorithm or version": stopped({
      how: "to an RSA key of 1024 bits",
      by: "public_key_unusable",
      play: async (scene, isPinned) => {
        const told = await makeUserWithKey(scene, isPinned, spkiOf(shortRsa.publicKey));
        return told === "done" ? "succeeds" : told;
      },
    }),
  },
};
