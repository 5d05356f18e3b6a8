import { verify } from "node:crypto";
import type { DeviceBinding } from "@linchpin/device/keys";
import { bindDevice, changePin, proveBinding } from "@linchpin/device/solaris";
import { CompactEncrypt } from "jose";
import { changeTrials } from "./change-trials.ts";
import { type EcPair, makeEcPair, openJwe, publicKeyOf, signDer } from "./crypto.ts";
import { type HostileRelay, parsed } from "./relay.ts";
import { type Cardholder, hasPin, memoryKeys, pinOf, rootsOf, type Scene, toldBy } from "./stage.ts";
import { type Column, stopped, succeeds } from "./trials.ts";

const personOf = ({ sandbox }: Cardholder): string => sandbox.solaris.personId;
const pathOf = ({ sandbox }: Cardholder) => `/solaris/v1/cards/${sandbox.solaris.cardAccountId}/pin_update_requests`;

/** A PIN of the relay's own choice, sealed to the issuer's key. */
export async function sealedForIssuer(relay: HostileRelay, digits: string) {
  const { body: key } = await relay.ask("GET", "/solaris/v1/cards/pin_keys/latest");
  const jwe = await new CompactEncrypt(Buffer.from(JSON.stringify({ pin: digits })))
    .setProtectedHeader({ alg: "RSA-OAEP-256", enc: "A256CBC-HS512", kid: key.kid })
    .encrypt(publicKeyOf({ kty: "RSA", n: key.n, e: key.e }));
  return { encrypted_pin: jwe, key_id: key.kid };
}

/** A change by a device that the relay has the key of, or says it has. @returns the status */
async function changeAs({ relay, alice }: Scene, pair: EcPair, deviceId: string): Promise<number> {
  const sealed = await sealedForIssuer(relay, "2846");
  const request = { ...sealed, device_id: deviceId, signature: signDer(sealed.encrypted_pin, pair) };
  return (await relay.ask("POST", pathOf(alice), request)).status;
}

/** Alice's phone by this protocol. */
const phones = new WeakMap<Cardholder, ReturnType<typeof memoryKeys<DeviceBinding>>>();
async function boundKeysOf({ way, alice }: Scene) {
  const known = phones.get(alice);
  if (known) return known;
  const keys = memoryKeys<DeviceBinding>();
  await bindDevice({ ...way, keys, personId: personOf(alice) });
  await proveBinding({ ...way, keys, personId: personOf(alice), otp: await alice.solaris.newestOtp() });
  phones.set(alice, keys);
  return keys;
}

const change = async (scene: Scene, digits: string, isPinned: boolean) =>
  changePin({
    ...scene.way,
    ...rootsOf(scene, isPinned),
    keys: await boundKeysOf(scene),
    personId: personOf(scene.alice),
    cardId: scene.alice.sandbox.solaris.cardAccountId,
    pin: pinOf(digits),
  });

/**
 * The six digits of a signature, found by trying. All of them take a processor about a minute; here it begins a thousand
 * before the code, as a relay that was lucky.
 */
function codeOfSignature(signatureHex: string, publicPoint: string, near: string): string {
  const point = Buffer.from(publicPoint, "hex");
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((part) => part.toString("base64url"));
  const key = publicKeyOf({ kty: "EC", crv: "P-256", x: x ?? "", y: y ?? "" });
  for (let number = Math.max(0, Number(near) - 1000); number < 1e6; number++) {
    const code = `${number}`.padStart(6, "0");
    if (verify("sha256", Buffer.from(code), key, Buffer.from(signatureHex, "hex"))) return code;
  }
  return "not found";
}

export const solaris: Column = {
  name: "Solaris, device",
  trials: {
    ...changeTrials({
      change,
      keyPath: "pin_keys",
      changePath: "pin_update_requests",
      done: { status: 204, body: "" },
      withKey: (body, key) => ({ ...body, ...key.export({ format: "jwk" }) }),
      open: ({ body }) => openJwe(parsed(body).encrypted_pin),
      toCard: (sent, card) => ({ ...sent, path: pathOf(card) }),
      replayed: "409",
    }),
    "sets a PIN of its own choice": stopped({
      how: "by a signature of its own, under the device's id",
      by: "422",
      play: async (scene, isPinned) => {
        await change(scene, "1928", isPinned);
        const { device_id } = parsed(scene.relay.last("pin_update_requests").body);
        const status = await changeAs(scene, makeEcPair(), device_id);
        return (await hasPin(scene.alice, "2846")) ? "succeeds" : `${status}`;
      },
    }),
    "binds a device of its own": succeeds({
      how: "by putting its key into Alice's binding, and finding the code by her signature",
      play: async (scene) => {
        const { relay, way, alice } = scene;
        const own = makeEcPair();
        let [alicesPoint, deviceId] = ["", ""];
        relay.conduct = async (sent, pass) => {
          if (sent.path.endsWith("/mfa/devices")) {
            alicesPoint = parsed(sent.body).key;
            const body = JSON.stringify({ ...parsed(sent.body), key: own.point.toString("hex") });
            const reply = await pass({ ...sent, body });
            deviceId = parsed(reply.body).id;
            return reply;
          }
          if (!sent.path.includes("/challenges/")) return pass(sent);
          const otp = codeOfSignature(parsed(sent.body).signature, alicesPoint, await alice.solaris.newestOtp());
          return pass({ ...sent, body: JSON.stringify({ signature: signDer(otp, own) }) });
        };
        const task = { ...way, keys: memoryKeys<DeviceBinding>(), personId: personOf(alice) };
        await bindDevice(task);
        await toldBy(proveBinding({ ...task, otp: await alice.solaris.newestOtp() }));
        await changeAs(scene, own, deviceId);
        return (await hasPin(alice, "2846")) ? "succeeds" : "not bound";
      },
    }),
  },
};
