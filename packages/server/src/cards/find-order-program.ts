import { LinchpinError } from "@linchpin/core";
import type { Program } from "@linchpin/store";
import type { Context } from "../context/index.ts";
import { settingsOf } from "./program-settings.ts";

/**
 * The program of the cards that partners make by a vendor's protocol, as the operator has set it.
 *
 * @param setting its name, for the operator
 * @throws LinchpinError `not_found`: none is set, there is no such one, or its cards are for the native protocol alone
 */
export async function findOrderProgram(
  { store }: { readonly store: Pick<Context["store"], "findProgram"> },
  programId: string | null,
  setting: string,
): Promise<Program> {
  const program = programId === null ? null : await store.findProgram(programId);
  if (program === null) throw new LinchpinError("not_found", { reason: `${setting} names no program of this issuer` });
  if (settingsOf(program).nativeOnly)
    throw new LinchpinError("not_found", { reason: `${setting} names a program for the native protocol alone` });
  return program;
}
