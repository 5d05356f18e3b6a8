import { LinchpinError } from "@linchpin/core";

/** Returns `exists` when the statement violated a unique constraint. Nothing of the statement was written then. */
export async function existsOnConflict<Result>(result: Promise<Result>): Promise<Result | "exists"> {
  try {
    return await result;
  } catch (error) {
    if (error instanceof LinchpinError && error.code === "conflict") return "exists";
    throw error;
  }
}
