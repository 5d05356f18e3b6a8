import { LinchpinError } from "@linchpin/core";
import {
  formatShare,
  isOfSameSplit,
  joinMasterKeyShares,
  type MasterKeyShare,
  parseShare,
  splitMasterKey,
} from "@linchpin/vault";

/** What a ceremony asks of a terminal. */
export interface CeremonyTerminal {
  /** A line that may stay on the screen. */
  say(line: string): void;
  /** Lines alone on a screen, until Enter; then nothing of them is left. */
  showAlone(lines: readonly string[]): Promise<void>;
  /** What is typed or pasted in answer, alone on a screen likewise. */
  ask(question: string): Promise<string>;
}

/**
 * Splits a master key among custodians: each sees their share alone, writes it down, and types it back before the next
 * one comes.
 * @throws LinchpinError `settings_invalid`: the numbers allow no split
 */
export async function backUp(
  terminal: CeremonyTerminal,
  masterKey: Uint8Array,
  numbers: { shares: number; threshold: number },
): Promise<void> {
  const shares = await splitMasterKey(masterKey, numbers);
  for (const share of shares) await handOver(terminal, share);
  terminal.say(
    `Every share was written down and checked. Any ${numbers.threshold} of the ${numbers.shares} restore the master key ${shares[0]?.fingerprint}; fewer tell nothing of it.`,
  );
}

/**
 * Asks custodians for their shares until there are enough.
 * @throws LinchpinError `settings_invalid`: the shares give no master key
 */
export async function restore(terminal: CeremonyTerminal): Promise<Uint8Array> {
  const shares: MasterKeyShare[] = [];
  while (shares.length < (shares[0]?.threshold ?? 1)) {
    const share = await askShare(terminal, "The share of a custodian");
    const fault = share === null ? null : faultOf(share, shares);
    if (share === null || fault !== null) {
      if (fault !== null) terminal.say(`${fault} Not taken.`);
      continue;
    }
    shares.push(share);
    const missing = share.threshold - shares.length;
    terminal.say(
      `Custodian ${share.custodian} of ${share.shares}: taken. ${missing === 0 ? "" : `${missing} to come.`}`.trim(),
    );
  }
  return joinMasterKeyShares(shares);
}

async function handOver(terminal: CeremonyTerminal, share: MasterKeyShare): Promise<void> {
  const who = `custodian ${share.custodian} of ${share.shares}`;
  terminal.say(`Now ${who}, alone at the screen.`);
  for (;;) {
    await terminal.showAlone([
      `Share of ${who}, of which ${share.threshold} restore the master key:`,
      "",
      ...linesOf(share),
    ]);
    const typed = await askShare(terminal, `${who}: type or paste the share back`);
    const isRight = typed !== null && formatShare(typed).join() === formatShare(share).join();
    if (isRight) return terminal.say(`Custodian ${share.custodian}: checked.`);
    if (typed !== null)
      terminal.say(`That is the share of custodian ${typed.custodian} of ${typed.shares}, or of another split.`);
    terminal.say("It is shown once more.");
  }
}

function linesOf(share: MasterKeyShare): string[] {
  return formatShare(share).map((group, index) => `${`${index + 1}`.padStart(4)}  ${group}`);
}

/** Null when it is mistyped, which is said. */
async function askShare(terminal: CeremonyTerminal, question: string): Promise<MasterKeyShare | null> {
  try {
    return parseShare(await terminal.ask(`${question}, group by group:`));
  } catch (error) {
    if (!(error instanceof LinchpinError && error.code === "encoding_invalid")) throw error;
    terminal.say(`This share is not as it was written down: ${error.reason}.`);
    return null;
  }
}

function faultOf(share: MasterKeyShare, taken: readonly MasterKeyShare[]): string | null {
  const [first] = taken;
  if (first !== undefined && !isOfSameSplit(share, first))
    return `The share of custodian ${share.custodian} is of another backup than that of custodian ${first.custodian}.`;
  if (taken.some(({ custodian }) => custodian === share.custodian))
    return `The share of custodian ${share.custodian} is there already.`;
  return null;
}
