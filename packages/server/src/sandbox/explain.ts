import type { LinchpinError } from "@linchpin/core";
import type { House } from "../house.ts";

/** Why a request was refused, for whoever integrates. Runs after the refusal is decided; nothing it finds changes that. */
export async function explainRefusal(_house: House, error: LinchpinError, _body: unknown): Promise<string | undefined> {
  return error.reason;
}
