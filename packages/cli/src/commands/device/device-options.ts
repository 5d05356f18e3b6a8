import { type Command, Option } from "commander";
import { type DeviceState, defaultStateFile } from "../../device-state.ts";
import type { HttpCaller } from "../../http-caller.ts";
import type { Invocation } from "../../invocation.ts";
import { jsonOption, parseUrl, urlOption } from "../../options.ts";
import { connectPartner, type PartnerOptions } from "../../phone/solaris-partner.ts";

/** What every command takes that a partner relays by Solaris' protocol. */
export interface PartnerAccess extends PartnerOptions {
  readonly json?: true;
}

/** And that has a device of its own. */
export interface DeviceOptions extends PartnerAccess {
  readonly state: string;
}

export function withDeviceOptions(command: Command, invocation: Invocation): Command {
  return withPartnerOptions(command.addOption(stateOption(invocation)));
}

export function withPartnerOptions(command: Command): Command {
  return command
    .addOption(urlOption())
    .addOption(solarisUrlOption())
    .addOption(new Option("--client-id <id>", "the partner's client id").env("LINCHPIN_SOLARIS_CLIENT_ID"))
    .addOption(
      new Option("--client-secret <secret>", "better in the environment").env("LINCHPIN_SOLARIS_CLIENT_SECRET"),
    )
    .addOption(jsonOption());
}

export const stateOption = ({ environment }: Invocation) =>
  new Option("--state <file>", "where the device keeps its keys").default(defaultStateFile(environment));

const solarisUrlOption = () =>
  new Option("--solaris-url <url>", "base of Solaris' API; a sandbox tells its own")
    .env("LINCHPIN_SOLARIS_URL")
    .argParser(parseUrl);

/** The partner that relays for a bound device. */
export function partnerOf(state: DeviceState, options: DeviceOptions): Promise<HttpCaller> {
  return connectPartner({ ...options, solarisUrl: options.solarisUrl ?? state.solarisUrl });
}
