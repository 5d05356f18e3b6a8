import { LinchpinError } from "@linchpin/core";

/** Where what a statement adds beside its row may be taken: the whole statement was undone. */
export async function existsOnConflict<Result>(result: Promise<Result>): Promise<Result | "exists"> {
  try {
    return await result;
  } catch (error) {
    if (error instanceof LinchpinError && error.code === "conflict") return "exists";
    throw error;
  }
}
