import { exitCodes } from "./exit-codes.ts";
import { Failure } from "./failure.ts";
import { HttpCaller } from "./http-caller.ts";
import { findSandbox } from "./sandbox.ts";

/** The operator's way to the issuer API. @throws Failure without an API key, unless the issuer is a sandbox */
export async function connectOperator({ url, apiKey }: { url: string; apiKey?: string }): Promise<HttpCaller> {
  const key = apiKey ?? (await findSandbox(url))?.issuer.apiKey;
  if (key === undefined)
    throw new Failure(
      exitCodes.notAllowed,
      "this issuer wants an operator's API key: give --api-key or LINCHPIN_API_KEY (`linchpin operator make` makes one)",
    );
  return new HttpCaller(`${url}/issuer/v1`, { authorization: `Bearer ${key}` });
}
