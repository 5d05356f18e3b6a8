import { randomBytes } from "node:crypto";
import { LinchpinError, randomCharacters, utf8 } from "@linchpin/core";
import {
  type AuditSubject,
  auditDone,
  auditFacts,
  type Context,
  defaultProgramSettings,
  hashSecret,
  makeCardNames,
  makeSolarisId,
  makeUuid,
  type RandomBytes,
  sandboxPartnerId,
  sealCardData,
  systemCaller,
} from "@linchpin/server/issuer";
import type { AuditAndOutbox } from "@linchpin/store";
import { sandboxAudit } from "./audit.ts";
import { fixedHex, fixedId, nativeOnlyProgramId, sandboxProgramId } from "./fixed-identifiers.ts";
import { fixedOtp, sandboxProtocols } from "./protocol-table.ts";
import type { SandboxCard, SandboxProtocol } from "./sandbox-protocol.ts";
import { makeTestPan } from "./test-pan.ts";

/** The sandbox's partner, operator and program. Known to everyone, so production refuses a database that has them. */
export const sandboxNames = {
  partnerId: sandboxPartnerId,
  programId: sandboxProgramId,
  operatorName: "sandbox",
  operatorApiKey: "sandbox-operator-key",
} as const;

/** What devices of the native protocol show. */
const holderName = "Robin Example";

/** The one card that is always there. Its number is the one for which Solaris' sandbox fixes the OTP. */
export const sandboxCard: SandboxCard = {
  cardId: fixedId("card"),
  personId: `${fixedHex("person")}cper`,
  mobileNumber: fixedOtp.mobileNumber,
  names: Object.fromEntries(
    sandboxProtocols.flatMap(({ name, fixedCardName }) => (fixedCardName === null ? [] : [[name, fixedCardName]])),
  ),
};

/**
 * Makes what the sandbox always has, where it is not there yet.
 * @throws LinchpinError `settings_invalid` when the database belongs to a production issuer
 */
export async function seedSandbox(context: Context): Promise<void> {
  await refuseProductionData(context);
  const { store } = context;
  const createdAt = context.clock();
  const { partnerId, programId, operatorName, operatorApiKey } = sandboxNames;
  await store.addPartner(
    { id: partnerId, name: "Sandbox partner", mayRegisterMobileNumbers: true, createdAt },
    seeding(context, { id: partnerId }),
  );
  for (const protocol of sandboxProtocols) await addCredential(context, protocol);
  await store.addOperator(
    { apiKeyHash: hashSecret(operatorApiKey), name: operatorName, createdAt },
    seeding(context, { id: "operators" }),
  );
  await store.addProgram(
    { id: programId, name: "Sandbox program", settings: defaultProgramSettings, createdAt },
    seeding(context, { id: programId }),
  );
  await addSandboxCard(context, sandboxCard);
}

/** A fresh person with a fresh card of the sandbox's program and a number of its own. */
export async function makeSandboxCard(
  context: Context,
  random: RandomBytes = randomBytes,
  programId: string = sandboxNames.programId,
): Promise<SandboxCard> {
  const card: SandboxCard = {
    cardId: makeUuid(random),
    personId: makeSolarisId("cper", random),
    mobileNumber: `+1556${digitsOf(random, 9)}`,
    names: makeCardNames(context.cardNameMakers, random),
  };
  await addSandboxCard(context, card, random, programId);
  return card;
}

/** A fresh person with a fresh card that no protocol but the native one knows; once it has a PIN, a device is bound with it. */
export async function makeNativeOnlyCard(context: Context): Promise<SandboxCard> {
  const settings = { ...defaultProgramSettings, nativeOnly: true, presentPinToBind: true };
  const program = { id: nativeOnlyProgramId, name: "Native only", settings, createdAt: context.clock() };
  await context.store.addProgram(program, seeding(context, { id: nativeOnlyProgramId }));
  return makeSandboxCard(context, randomBytes, nativeOnlyProgramId);
}

async function addCredential(context: Context, { name, clientId, secret, roles }: SandboxProtocol): Promise<void> {
  if ((await context.store.findCredential(name, clientId)) !== null) return;
  const { partnerId } = sandboxNames;
  const secretHash = hashSecret(secret);
  await context.store.addCredential(
    { kind: name, clientId, partnerId, secretHash, roles, createdAt: context.clock() },
    seeding(context, { id: partnerId }),
  );
}

/** A folder that an earlier version filled has a card without the names of the protocols that came since. */
async function addMissingNames(context: Context, { cardId, names }: SandboxCard): Promise<void> {
  const known = (await context.store.findCard(cardId))?.names ?? {};
  for (const [protocol, name] of Object.entries(names))
    if (known[protocol] === undefined)
      await context.store.addCardName(cardId, { protocol, name }, seeding(context, { cardId }, { protocol, name }));
}

async function addSandboxCard(
  context: Context,
  card: SandboxCard,
  random: RandomBytes = randomBytes,
  programId: string = sandboxNames.programId,
): Promise<void> {
  const createdAt = context.clock();
  await context.store.addPerson(
    {
      id: card.personId,
      partnerId: sandboxNames.partnerId,
      mobileNumber: {
        id: makeSolarisId("cmno", random),
        number: card.mobileNumber,
        verified: true,
        setByOperator: true,
      },
      createdAt,
    },
    seeding(context, { id: card.personId }),
  );
  if ((await context.store.findSessionHolder(card.personId, createdAt))?.name === null)
    await context.store.nameSessionHolder(card.personId, holderName, seeding(context, { id: card.personId }));
  await context.store.addCard(
    { id: card.cardId, personId: card.personId, programId, names: card.names, createdAt },
    seeding(context, { cardId: card.cardId }),
  );
  await addMissingNames(context, card);
  if ((await context.store.findCardData(card.cardId)) === null) await addCardData(context, card.cardId, random);
}

/** A PAN that nobody has, for four years. */
async function addCardData(context: Context, cardId: string, random: RandomBytes): Promise<void> {
  const expiration = { month: context.clock().getUTCMonth() + 1, year: context.clock().getUTCFullYear() + 4 };
  const cvv2 = utf8(digitsOf(random, 3));
  const data = await sealCardData(context, cardId, { pan: makeTestPan(random), cvv2, expiration });
  await context.store.setCardData(cardId, data, seeding(context, { cardId }));
}

async function refuseProductionData(context: Context): Promise<void> {
  const partners = await context.store.listPartners();
  if (partners.length > 0 && !partners.some(({ id }) => id === sandboxNames.partnerId))
    throw new LinchpinError("settings_invalid", {
      reason: "this database belongs to a production issuer: give the sandbox one of its own (LINCHPIN_DATABASE_URL)",
    });
}

function digitsOf(random: RandomBytes, count: number): string {
  return Buffer.from(randomCharacters({ randomBytes: random }, utf8("0123456789"), count)).toString();
}

/** What is written beside a thing that the sandbox makes: that it was, and no event. */
export function seeding(
  context: Context,
  subject: AuditSubject,
  name: { protocol?: string; name?: string } = {},
): AuditAndOutbox {
  const facts = auditFacts(sandboxAudit["sandbox.seed"], systemCaller, name);
  return { audit: auditDone(context, subject, facts), outbox: [] };
}
