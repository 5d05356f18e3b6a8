import { confirmPinChange, requestPinChange } from "@linchpin/device/solaris-sca";
import { changeTrials } from "./change-trials.ts";
import { openJwe } from "./crypto.ts";
import { type HostileRelay, parsed } from "./relay.ts";
import { sealedForIssuer } from "./solaris-column.ts";
import { type Cardholder, hasPin, pinOf, rootsOf, type Scene, toldBy } from "./stage.ts";
import { type Column, succeeds } from "./trials.ts";

const personOf = ({ sandbox }: Cardholder): string => sandbox.solaris.personId;
const pathOf = ({ sandbox }: Cardholder) =>
  `/solaris/v1/cards/${sandbox.solaris.cardAccountId}/sca_pin_update_requests`;

/** Alice asks for a change, and types the TAN that she gets. */
const change = async (scene: Scene, digits: string, isPinned: boolean) => {
  const { way, alice } = scene;
  const task = { ...way, personId: personOf(alice), cardId: alice.sandbox.solaris.cardAccountId };
  const changeRequestId = await requestPinChange({ ...task, ...rootsOf(scene, isPinned), pin: pinOf(digits) });
  const tan = await alice.solaris.newestOtp().catch(() => "000000");
  await confirmPinChange({ ...task, changeRequestId, tan });
};

/** A change of the relay's own, whose TAN goes out to Alice. @returns its id; of a refusal its code */
export async function askForTan(relay: HostileRelay, card: Cardholder, digits: string): Promise<string> {
  const { status, body } = await relay.ask("POST", pathOf(card), await sealedForIssuer(relay, digits));
  if (status >= 400) return body.errors[0].code;
  const authorization = { delivery_method: "mobile_number", person_id: personOf(card) };
  await relay.ask("POST", `/solaris/v1/change_requests/${body.id}/authorize`, authorization);
  return body.id;
}

export const solarisSca: Column = {
  name: "Solaris, TAN",
  trials: {
    ...changeTrials({
      change,
      keyPath: "pin_keys",
      changePath: "sca_pin_update_requests",
      lastPath: "/confirm",
      done: { status: 200, body: JSON.stringify({ id: "1", status: "COMPLETED" }) },
      withKey: (body, key) => ({ ...body, ...key.export({ format: "jwk" }) }),
      open: ({ body }) => openJwe(parsed(body).encrypted_pin),
      toCard: (sent, card) => ({ ...sent, path: pathOf(card) }),
      replayed: "409",
    }),
    "sets a PIN of its own choice": succeeds({
      how: "in the place of the one that Alice asks for",
      play: async (scene, isPinned) => {
        const { relay, alice } = scene;
        relay.conduct = async (sent, pass) => {
          if (!sent.path.includes("sca_pin_update_requests")) return pass(sent);
          return pass({ ...sent, body: JSON.stringify(await sealedForIssuer(relay, "2846")) });
        };
        await toldBy(change(scene, "1928", isPinned));
        return (await hasPin(alice, "2846")) ? "succeeds" : "not set";
      },
    }),
    "gets a code for another purpose than the person thinks": succeeds({
      how: "a TAN for a change of its own, typed for Alice's",
      play: async (scene, isPinned) => {
        const { relay, alice } = scene;
        let own = "";
        relay.conduct = async (sent, pass) => {
          if (sent.path.includes("/authorize")) {
            own = await askForTan(relay, alice, "2846");
            return { status: 201, body: JSON.stringify({ id: own, status: "CONFIRMATION_REQUIRED" }) };
          }
          if (!sent.path.includes("/confirm")) return pass(sent);
          return pass({ ...sent, path: `/solaris/v1/change_requests/${own}/confirm` });
        };
        await toldBy(change(scene, "1928", isPinned));
        return (await hasPin(alice, "2846")) ? "succeeds" : "not set";
      },
    }),
  },
};
