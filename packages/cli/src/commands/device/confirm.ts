import { readStringToSign, signAuthorization } from "@linchpin/protocols/solaris/device";
import type { AuthorizeReply, ConfirmReply, ConfirmRequest } from "@linchpin/protocols/solaris/wire";
import { type Command, Option } from "commander";
import { type DeviceState, readDevice, writeDevice } from "../../device-state.ts";
import { exitCodes } from "../../exit-codes.ts";
import { Failure } from "../../failure.ts";
import type { HttpCaller } from "../../http-caller.ts";
import type { Invocation } from "../../invocation.ts";
import { restrictedKeyOf } from "../../phone/solaris.ts";
import { sandboxUrl } from "../../phone/solaris-partner.ts";
import { askCode } from "../../terminal/ask-code.ts";
import { type DeviceOptions, partnerOf, withDeviceOptions } from "./device-options.ts";

interface ConfirmOptions extends DeviceOptions {
  readonly by: "tan" | "device";
  readonly otpFromSandbox?: true;
}

export function addConfirm(device: Command, invocation: Invocation): void {
  withDeviceOptions(device.command("confirm"), invocation)
    .argument("[id]", "the change request; default: the one this device made last")
    .description("answer a change request: by the TAN that comes by SMS, or by the device's restricted key")
    .addOption(new Option("--by <what>", "what to answer by").choices(["tan", "device"]).default("tan"))
    .option("--otp-from-sandbox", "read the TAN from the sandbox's messages")
    .addHelpText("after", "\nExample:\n  linchpin device confirm --by device")
    .action((givenId, options) => runConfirm(givenId, options, invocation));
}

async function runConfirm(givenId: string | undefined, options: ConfirmOptions, invocation: Invocation): Promise<void> {
  const state = await readDevice(options.state);
  const id = givenId ?? state.changeRequestId;
  if (id === null)
    throw new Failure(exitCodes.usage, "no change request waits: make one with `linchpin device request-change`");
  const partner = await partnerOf(state, options);
  const path = `/v1/change_requests/${encodeURIComponent(id)}`;
  const answer =
    options.by === "tan"
      ? await byTan(partner, path, state, options, invocation)
      : await byDevice(partner, path, state, invocation);
  const { status } = await partner.ask<ConfirmReply>("POST", `${path}/confirm`, answer);
  await writeDevice(options.state, { ...state, changeRequestId: null });
  invocation.console.log(
    options.json ? JSON.stringify({ id, status }) : `change request ${id} is ${status}: the PIN is changed`,
  );
}

async function byTan(
  partner: HttpCaller,
  path: string,
  { personId, mobileNumber }: DeviceState,
  options: ConfirmOptions,
  invocation: Invocation,
): Promise<ConfirmRequest> {
  await partner.ask("POST", `${path}/authorize`, { person_id: personId, delivery_method: "mobile_number" });
  const where = {
    fromSandbox: options.otpFromSandbox ?? false,
    sandboxUrl: sandboxUrl({ url: options.url, solarisUrl: partner.baseUrl }),
    mobileNumber,
  };
  return { person_id: personId, tan: await askCode("TAN", where, invocation) };
}

/** Shows what the string says before it signs: a relay may have handed over the string of another request. */
async function byDevice(
  partner: HttpCaller,
  path: string,
  state: DeviceState,
  { console }: Invocation,
): Promise<ConfirmRequest> {
  const key = await restrictedKeyOf(state);
  const device_id = state.deviceId;
  const authorization = { device_id, delivery_method: "device_signing" };
  const { string_to_sign = "" } = await partner.ask<AuthorizeReply>("POST", `${path}/authorize`, authorization);
  const { operation, at, ...subject } = readStringToSign(string_to_sign);
  console.error(`to sign: ${operation} · ${Object.entries(subject).flat().join(" ")} · asked at ${at.toISOString()}`);
  const expected = { operation: "change_pin", card: state.cardAccountId } as const;
  return { device_id, ...(await signAuthorization(key, string_to_sign, expected)) };
}
