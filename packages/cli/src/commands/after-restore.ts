import type { CompletedRestore, KeptExport, RestoreFindings } from "@linchpin/server";
import type { CheckpointedVerification, ExpectedCheckpoint } from "@linchpin/store";
import type { Command } from "commander";
import { readAuditExport } from "../audit-export.ts";
import { fingerprintOf } from "../audit-reader.ts";
import { exitCodes } from "../exit-codes.ts";
import { Ended, Failure } from "../failure.ts";
import type { Invocation } from "../invocation.ts";
import { jsonOption, yesOption } from "../options.ts";
import { confirm } from "../terminal/confirm.ts";
import { asJson, parseExpected } from "./audit/verify.ts";

export function addAfterRestore(program: Command, invocation: Invocation): void {
  program
    .command("after-restore")
    .description("after a backup was restored: say what was lost, and end what could be used a second time")
    .option("--export <file>", "an export of the audit that was kept apart from the database, as new as there is")
    .option("--trust <fingerprint...>", "keys that may have signed the export; without it those of the database")
    .option("--expect <sequence:sha256>", "the last audit checkpoint that was noted", parseExpected)
    .option("--dry-run", "say it, and change nothing")
    .addOption(yesOption())
    .addOption(jsonOption())
    .addHelpText("after", help)
    .action((options) => runAfterRestore(options, invocation));
}

const help = `
Works on the database and the vault themselves, by the settings that serve reads. Run it before the first server starts
on a restored database. It says up to when the database knows what happened. Then it

- makes new keys in place of all to which a message may have been sealed, and retires those: the replay marks of such
  messages may be lost, and none of them opens again;
- ends open OTPs, TANs, activation codes, change requests and access tokens;
- with --export, revokes, deletes, blocks and terminates again what was so after the backup, and lists what is lost
  beyond that: changed PINs, counted attempts, and everything that was made.

It can be run again, as with a newer export. Exits with 1 where something could not be done.

Examples:
  linchpin after-restore --export audit.jsonl --expect 812:9ab0… --dry-run
  linchpin after-restore --export audit.jsonl`;

interface Options {
  readonly export?: string;
  readonly trust?: readonly string[];
  readonly expect?: ExpectedCheckpoint;
  readonly dryRun?: true;
  readonly yes?: true;
  readonly json?: true;
}

async function runAfterRestore(options: Options, invocation: Invocation): Promise<void> {
  const { console, environment } = invocation;
  const { completeRestore, examineRestore } = await import("@linchpin/server");
  const { context, close } = await openIssuer(environment);
  try {
    const findings = await examineRestore(context, await keptExportOf(options, context));
    const lines = linesOf(findings, await describeExpected(options.expect, context));
    if (!options.json) for (const line of lines) console.log(line);
    checkVerifications(findings);
    if (options.dryRun) {
      if (options.json) console.log(asJson({ findings, completed: null }));
      return;
    }
    await confirm(options.json ? lines : [], "Do this now?", options, invocation);
    const completed = await completeRestore(context, findings);
    if (options.json) console.log(asJson({ findings, completed }));
    else for (const line of completedLines(completed)) console.log(line);
    if (completed.undone.length > 0) throw new Ended(exitCodes.refused);
  } finally {
    await close();
  }
}

/** The database and the vault that the settings name, without a server. */
async function openIssuer(environment: Invocation["environment"]) {
  const { openContext, openExistingStore, protocolTable, readSettings } = await import("@linchpin/server");
  const { default: pino } = await import("pino");
  const settings = readSettings(environment);
  const store = await openExistingStore(settings);
  const options = { log: pino({ level: "silent" }), protocols: protocolTable, clock: () => new Date(), sandbox: null };
  try {
    const opened = await openContext(store, settings, options);
    await opened.context.keyring.ensure();
    return { context: opened.context, close: () => opened.close().then(() => store.close()) };
  } catch (error) {
    await store.close();
    throw error;
  }
}

type Restored = Parameters<typeof import("@linchpin/server").examineRestore>[0];

async function keptExportOf({ export: path, trust }: Options, { keyring }: Restored): Promise<KeptExport | null> {
  if (path === undefined) return null;
  const { keys, reader } = await readAuditExport(path);
  const known = new Set(
    trust ?? (await keyring.list()).map(({ publicKeySpki }) => fingerprintOf(publicKeySpki ?? undefined)),
  );
  return { reader, keys: new Map([...keys].filter(([, spki]) => known.has(fingerprintOf(spki)))) };
}

async function describeExpected(expected: ExpectedCheckpoint | undefined, { store }: Restored): Promise<string[]> {
  if (expected === undefined) return [];
  const { checkpointHashHex } = await import("@linchpin/store");
  const { sequence, hashHex } = expected;
  const [found] = await store.listAuditCheckpoints({ afterSequence: sequence - 1n, limit: 1 });
  if (found?.sequence !== sequence) {
    const last = (await store.findLastAuditCheckpoint())?.sequence ?? 0n;
    return [`Checkpoint ${sequence}, which was noted, is not there: ${sequence - last} checkpoints are lost.`];
  }
  return checkpointHashHex(found) === hashHex
    ? [`Checkpoint ${sequence}, which was noted, is there: nothing before it is lost.`]
    : [
        `Checkpoint ${sequence} is not the one that was noted: it was signed after the restore, or the audit was rewritten.`,
      ];
}

/** @throws Failure where the database or the export is not what the issuer wrote: nothing may be concluded from it */
function checkVerifications({ database, afterBackup }: RestoreFindings): void {
  const refuse = (what: string, { intact }: CheckpointedVerification, next: string) => {
    if (!intact)
      throw new Failure(exitCodes.refused, `the audit of ${what} is broken, and nothing was changed: ${next}`);
  };
  refuse("the database", database, "restore another backup, or see `linchpin audit verify`");
  if (afterBackup !== null)
    refuse(
      "the export",
      afterBackup.exported,
      "see `linchpin audit verify --export`; --trust names keys that signed it",
    );
}

function linesOf(
  { endsAt, lastCheckpoint, incomingPurposes, afterBackup }: RestoreFindings,
  expected: string[],
): string[] {
  return [
    `The database knows what happened until ${endsAt?.toISOString() ?? "nothing"}; its last checkpoint is ${lastCheckpoint ?? "none"}.`,
    ...expected,
    `Keys that end, so that no message that was sealed to them opens again: ${incomingPurposes.join(", ")}.`,
    "Every open OTP, TAN, activation code, change request and access token ends.",
    ...(afterBackup === null ? withoutExport : linesOfExport(afterBackup)),
  ];
}

const withoutExport = [
  "Without --export it is not known what was revoked, deleted, blocked or terminated after the backup, nor whose PIN changed.",
  "Go through credentials, operators, partners, card states and devices yourself.",
];

function linesOfExport({
  lostEvents,
  lastLostAt,
  revived,
  lost,
}: NonNullable<RestoreFindings["afterBackup"]>): string[] {
  const { credentials, operators, cardStates, partners, devices, boundKeys, wrongCodes, keyIds } = revived;
  const list = (what: string, names: readonly string[]) =>
    names.length === 0 ? [] : [`${what}: ${names.join(", ")}.`];
  return [
    lastLostAt === null
      ? "No event of the export is lost."
      : `The export has ${lostEvents} events that are lost, the last of ${lastLostAt.toISOString()}.`,
    ...list(
      "Credentials to revoke again",
      credentials.map(({ clientId }) => clientId),
    ),
    ...list("Operators to delete again", operators),
    ...list(
      "Cards to set again",
      cardStates.map(({ cardId, state }) => `${cardId} ${state}`),
    ),
    ...list(
      "Partners to set again",
      partners.map(
        (partner) => `${partner.id} ${partner.mayRegisterMobileNumbers ? "may" : "may not"} register numbers`,
      ),
    ),
    ...list(
      "Devices to delete again",
      devices.map(({ deviceId }) => deviceId),
    ),
    ...list(
      "Device keys to unbind again",
      boundKeys.map(({ thumbprint }) => thumbprint),
    ),
    ...list(
      "Persons whose wrong codes count again",
      wrongCodes.map(({ personId, count }) => `${personId} ${count}`),
    ),
    ...list("Keys to retire again", keyIds),
    ...list("Cards whose PIN is an earlier one: tell the cardholders, or generate PINs", lost.cardsWithEarlierPin),
    ...list("Cards that have attempts back: block those that were blocked", lost.cardsWithAttemptsBack),
    ...list("Persons whose mobile number or devices are earlier ones", lost.persons),
    ...list("Users whose signing methods are earlier ones", lost.signingUsers),
    ...list(
      "Also lost, and not done again",
      Object.entries(lost.otherOperations).map(([operation, count]) => `${operation} (${count})`),
    ),
  ];
}

function completedLines({
  endedPurposes,
  endedTokens,
  endedChallenges,
  endedChangeRequests,
  undone,
}: CompletedRestore): string[] {
  return [
    `Ended: keys of ${endedPurposes.length} purposes, ${endedTokens} access tokens, ${endedChallenges} OTPs and codes, ${endedChangeRequests} change requests.`,
    ...undone.map(({ what, code }) => `Not done: ${what} (${code})`),
    undone.length === 0
      ? "Servers may start. Note the next checkpoint, and compare with it from now on."
      : "Do the rest by hand before servers start, or mend what hinders it and run this again.",
  ];
}
