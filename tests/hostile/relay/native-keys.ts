import { changePin } from "@linchpin/device/native";
import { altered, type EcPair, headerOf, makeEcPair, openHpke, payloadOf, sessionHash, signJwt } from "./crypto.ts";
import { infoOf } from "./native-messages.ts";
import { boundPhone } from "./native-phone.ts";
import { alteringReply, parsed } from "./relay.ts";
import { pinOf, type Scene, toldBy } from "./stage.ts";
import type { Trial } from "./trials.ts";

/** Alice changes her PIN to 1928 under the relay's conduct; it succeeds where the relay then has it. */
async function swapping(scene: Scene, swap: (body: Swapped, forged: Forged) => Promise<Swapped>) {
  const forged = { root: makeEcPair(), signing: makeEcPair(), hpke: makeEcPair() };
  return changeUnder(scene, forged, async (body) => swap(body, forged));
}

/** The reply to a request for a session. */
interface Swapped {
  readonly session?: string | undefined;
  readonly manifest?: string | undefined;
}

interface Forged {
  readonly root: EcPair;
  readonly signing: EcPair;
  readonly hpke: EcPair;
}

/** @param pins of the device's; where they came by the relay, they are the relay's */
async function changeUnder(
  scene: Scene,
  forged: Forged,
  swap: (body: Swapped) => Promise<Swapped>,
  pins: Scene["pins"] = scene.pins,
) {
  const phone = await boundPhone(scene);
  const { relay } = scene;
  let manifest = "";
  relay.conduct = async (sent, pass) => {
    if (sent.path.includes("/operations")) return { status: 502, body: "" };
    if (sent.path.includes("/issuer-keys")) return { status: 200, body: manifest, type: "application/jwk-set+jwt" };
    const swapping = alteringReply("/sessions", async (body) => {
      const swapped = await swap(body);
      manifest = swapped.manifest ?? "";
      return swapped;
    });
    return swapping(sent, pass);
  };
  const told = await toldBy(changePin({ ...phone.confirmed, pins, pin: pinOf("1928") }));
  const sent = relay.seen.findLast(({ path }) => path.includes("pin-change") || path.includes("/operations"));
  const { session = "", message = "" } = sent ? parsed(sent.body) : {};
  if (session === "" || payloadOf(session).op !== "pin-change") return told;
  const info = infoOf("linchpin/v1 request", sessionHash(session));
  const opened = await openHpke(forged.hpke, info, Buffer.from(message, "base64url")).catch(() => Buffer.alloc(0));
  return opened.toString("hex").startsWith("441928") ? "succeeds" : told;
}

/** The list with the relay's keys in place of the issuer's, signed by a root. */
async function forgedManifest(manifest: string, { signing, hpke }: Forged, root: EcPair): Promise<string> {
  const { keys, ...claims } = payloadOf(manifest);
  const swapped = keys.map((key: { purpose: string }) => {
    const pair = { "native-hpke": hpke, "native-signing": signing }[key.purpose];
    return pair ? { ...key, ...pair.jwk, kid: pair.thumbprint } : key;
  });
  return signJwt({ typ: "jwk-set+jwt", kid: root.thumbprint }, { ...claims, keys: swapped }, root.privateKey);
}

async function forgedSession(session: string, { signing, hpke }: Forged): Promise<string> {
  const claims = { ...payloadOf(session), hpke: hpke.thumbprint };
  return signJwt({ typ: "linchpin-session+jwt", kid: signing.thumbprint }, claims, signing.privateKey);
}

const bothForged = async ({ session = "", manifest = "" }: Swapped, forged: Forged) => ({
  session: await forgedSession(session, forged),
  manifest: await forgedManifest(manifest, forged, forged.root),
});

/** Negative control: a device that takes its roots from the relay. */
export async function playWithRootsOfTheRelay(scene: Scene): Promise<string> {
  const forged = { root: makeEcPair(), signing: makeEcPair(), hpke: makeEcPair() };
  const pins = { ...scene.pins, roots: [forged.root.jwk] };
  return changeUnder(scene, forged, (body) => bothForged(body, forged), pins);
}

export const swaps: Trial[] = [
  {
    how: "with a session and a list of keys that it signed",
    by: "manifest_refused",
    play: (scene) => swapping(scene, bothForged),
  },
  {
    how: "with a list that names the issuer's root and is signed by another",
    by: "manifest_refused",
    play: (scene) =>
      swapping(scene, async ({ session = "", manifest = "" }, forged) => {
        const root = { ...forged.root, thumbprint: headerOf(manifest).kid };
        return {
          session: await forgedSession(session, forged),
          manifest: await forgedManifest(manifest, forged, root),
        };
      }),
  },
  {
    how: "with the issuer's list, in which its own key stands",
    by: "manifest_refused",
    play: (scene) =>
      swapping(scene, async ({ session, manifest = "" }, { hpke }) => {
        const keys = payloadOf(manifest).keys.map((key: { purpose: string }) =>
          key.purpose === "native-hpke" ? { ...key, ...hpke.jwk } : key,
        );
        return { session, manifest: altered(manifest, 1, { keys }) };
      }),
  },
  {
    how: "with a session that names its key, signed by itself",
    by: "issuer_key_unvouched",
    play: (scene) =>
      swapping(scene, async ({ session = "", manifest }, forged) => ({
        session: await forgedSession(session, forged),
        manifest,
      })),
  },
  {
    how: "with the issuer's session, in which its key stands",
    by: "signature_invalid",
    play: (scene) =>
      swapping(scene, async ({ session = "", manifest }, { hpke }) => ({
        session: altered(session, 1, { hpke: hpke.thumbprint }),
        manifest,
      })),
  },
  {
    how: "with a session in whose header its key stands",
    by: "signature_invalid",
    play: (scene) =>
      swapping(scene, async ({ session = "", manifest }, { signing, hpke }) => ({
        session: altered(altered(session, 1, { hpke: hpke.thumbprint }), 0, { jwk: signing.jwk }),
        manifest,
      })),
  },
];
