import { createECDH, randomBytes } from "node:crypto";
import { LinchpinError, Pin, utf8 } from "@linchpin/core";
import { type Context, makeUuid, sealStoredPin } from "@linchpin/server/issuer";
import Type from "typebox";
import type { SandboxCard } from "../sandbox-protocol.ts";
import { makeSandboxCard, seeding } from "../seed.ts";
import type { SandboxRandom } from "./sandbox-random.ts";
import { object } from "./shapes.ts";

/** The state that a fresh card is to be in. Each member may be left out. */
export type CardState = Type.Static<typeof CardState>;
export const CardState = object({
  pin: Type.Optional(
    Type.String({
      pattern: "^[0-9]{4,12}$",
      description: "the card's PIN; the program's rules are not asked. Absent: none is set",
    }),
  ),
  triesLeft: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 3,
      description: "of three; 0: the PIN is blocked. Only with a pin; 3 if absent",
    }),
  ),
  chip: Type.Optional(
    Type.Enum(["in_sync", "pending"], {
      description: "whether the chip has the PIN. Only with a pin; in_sync if absent",
    }),
  ),
  state: Type.Optional(
    Type.Enum(["active", "blocked", "terminated"], { description: "of the card; active if absent" }),
  ),
  device: Type.Optional(
    Type.Enum(["bound"], {
      description: "a device of the person's that is bound, with a restricted key. Absent: none",
    }),
  ),
});

/** A bound device: its id, and its private key as a JWK (RFC 7517). Of a sandbox, so that a test can sign. */
export interface SandboxDevice {
  readonly deviceId: string;
  readonly kty: "EC";
  readonly crv: "P-256";
  readonly x: string;
  readonly y: string;
  readonly d: string;
}

/**
 * A fresh person with a fresh card in this state, with no event or message of how it came there.
 * @throws LinchpinError `request_invalid`: `triesLeft` or `chip` without a `pin`
 */
export async function makeCardInState(
  context: Context,
  random: SandboxRandom,
  { pin, triesLeft = triesOfProgram, chip = "in_sync", state = "active", device }: CardState,
): Promise<{ card: SandboxCard; device: SandboxDevice | null }> {
  if (pin === undefined && (triesLeft !== triesOfProgram || chip !== "in_sync"))
    throw new LinchpinError("request_invalid", { field: "pin", reason: "tries and chip are of a card that has a PIN" });
  const card = await makeSandboxCard(context, random.next("card"));
  if (pin !== undefined) {
    await setPin(context, card, pin, chip === "pending");
    for (let tries = triesOfProgram; tries > triesLeft; tries--) await recordWrongPin(context, card, tries === 1);
  }
  const bound = device === undefined ? null : await bindDevice(context, card, random);
  if (state !== "active")
    await context.store.setCardState(card.cardId, state, seeding(context, { cardId: card.cardId }));
  return { card, device: bound };
}

/** Of the sandbox's program. */
const triesOfProgram = 3;

async function setPin(context: Context, { cardId }: SandboxCard, digits: string, offlinePin: boolean): Promise<void> {
  const pin = new Pin(utf8(digits));
  const sealed = await sealStoredPin(context, pin, cardId, 1).finally(() => pin.wipe());
  await context.store.changePin({
    cardId,
    fromVersion: 0,
    sealed,
    mark: null,
    unblocks: true,
    offlinePin,
    pinHistoryLength: 0,
    at: context.clock(),
    changeRequestId: null,
    auditAndOutbox: seeding(context, { cardId }),
  });
}

async function recordWrongPin(context: Context, { cardId }: SandboxCard, isLast: boolean): Promise<void> {
  const { id: keyId } = await context.keyring.current("card-pin");
  const written = seeding(context, { cardId });
  await context.store.recordVerification({
    cardId,
    version: 1,
    matched: false,
    tryLimit: isLast ? 1 : triesOfProgram + 1,
    mark: { mark: randomBytes(32), keyId },
    auditAndOutbox: { match: written, mismatch: written, blocking: written, blocked: written },
  });
}

async function bindDevice(context: Context, { personId }: SandboxCard, random: SandboxRandom): Promise<SandboxDevice> {
  const bytes = random.next("device");
  const key = createECDH("prime256v1");
  const privateKey = Buffer.from(bytes(32));
  // Below the order of the curve, and not zero.
  privateKey[0] = ((privateKey[0] ?? 0) & 0x7f) | 0x01;
  key.setPrivateKey(privateKey);
  const publicPoint = key.getPublicKey();
  const deviceId = makeUuid(bytes);
  const createdAt = context.clock();
  const deviceKey = { id: makeUuid(bytes), purpose: "restricted", publicPoint, createdAt } as const;
  await context.store.addDevice({ id: deviceId, personId, name: null, key: deviceKey, createdAt });
  await context.store.verifyDevice(deviceId, 1, seeding(context, { id: personId }));
  const [x, y] = [publicPoint.subarray(1, 33), publicPoint.subarray(33)].map((part) => part.toString("base64url"));
  return { deviceId, kty: "EC", crv: "P-256", x: x ?? "", y: y ?? "", d: privateKey.toString("base64url") };
}
