import { LinchpinError } from "@linchpin/core";
import type { Program } from "@linchpin/store";
import { auditDone, auditFacts, issuerAudit } from "../audit/index.ts";
import type { Caller, Context } from "../context/index.ts";
import { makeId } from "../identifiers.ts";
import { completeProgramSettings, type ProgramSettingsPatch, type StoredProgramSettings } from "./program-settings.ts";

/**
 * Adds a card program. Members that `settings` leaves out have Solaris' values.
 * @throws LinchpinError `request_invalid`: no PIN could meet these settings
 */
export async function makeProgram(
  context: Context,
  caller: Caller,
  { name, settings: patch }: { name: string; settings: ProgramSettingsPatch },
): Promise<Program> {
  const settings = completeProgramSettings(patch);
  checkSatisfiable(settings);
  const program: Program = { id: makeId(), name, settings, createdAt: context.clock() };
  const facts = auditFacts(issuerAudit["issuer.program.make"], caller, { programId: program.id });
  await context.store.addProgram(program, { audit: auditDone(context, { id: program.id }, facts), outbox: [] });
  return program;
}

function checkSatisfiable({ policy }: StoredProgramSettings): void {
  if (policy.minLength > policy.maxLength)
    throw new LinchpinError("request_invalid", {
      field: "settings.policy.maxLength",
      reason: "maxLength is smaller than minLength",
    });
  if (policy.minLength > 10 * policy.maxSameDigit)
    throw new LinchpinError("request_invalid", {
      field: "settings.policy.maxSameDigit",
      reason: "ten digits, each that often, make no PIN of minLength",
    });
}
