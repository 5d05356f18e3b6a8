import { LinchpinError } from "@linchpin/core";
import type { FastifyError } from "fastify";

/**
 * Converts any error to a `LinchpinError`. The text of a parser or validator is not passed on, because it may quote what
 * was received. Unknown members are not named for the same reason.
 */
export function toLinchpinError(error: unknown): LinchpinError {
  if (error instanceof LinchpinError) return error;
  const { code, statusCode, validation } = error as Partial<FastifyError>;
  if (validation !== undefined) return shapeError(validation[0]);
  if (code === "FST_ERR_CTP_INVALID_MEDIA_TYPE") return new LinchpinError("media_type_unsupported");
  if (code === "FST_ERR_CTP_BODY_TOO_LARGE") return new LinchpinError("body_too_large");
  if (statusCode === 429) return new LinchpinError("rate_limited");
  if (error instanceof SyntaxError || code?.startsWith("FST_ERR_CTP_")) return new LinchpinError("json_invalid");
  if (statusCode !== undefined && statusCode < 500) return new LinchpinError("request_invalid");
  return new LinchpinError("internal", { cause: error });
}

function shapeError(first: NonNullable<FastifyError["validation"]>[number] | undefined): LinchpinError {
  if (first === undefined) return new LinchpinError("request_invalid");
  const at = first.instancePath.replace(/^\//, "").replaceAll("/", ".");
  const missing = first.keyword === "required" ? String(first.params["missingProperty"]) : "";
  const field = [at, missing].filter((part) => part !== "").join(".");
  const reason = first.keyword === "additionalProperties" ? "there is a member that is not documented" : first.message;
  return new LinchpinError("request_invalid", {
    ...(field === "" ? {} : { field }),
    ...(reason === undefined ? {} : { reason }),
  });
}
