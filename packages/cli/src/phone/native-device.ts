import { dirname, join } from "node:path";
import { Option } from "commander";
import { type DeviceKeyJwk, openDeviceKey } from "../device-key.ts";
import { defaultStateFile, findState, writeState } from "../device-state.ts";
import { exitCodes } from "../exit-codes.ts";
import { Failure } from "../failure.ts";
import type { Invocation } from "../invocation.ts";

/** What the terminal's phone keeps of its binding. The private key stands in the file, as no terminal has a keystore. */
export interface NativeDevice {
  readonly nativeUrl: string;
  readonly cardId: string;
  /** The issuer, as its sessions name it. */
  readonly iss: string;
  /** The person, as the issuer names them. */
  readonly sub: string;
  readonly thumbprint: string;
  /** The highest number of a list of the issuer's keys that was seen. */
  readonly seq: number;
  readonly key: DeviceKeyJwk;
}

export const nativeStateOption = () =>
  new Option("--native-state <file>", "where the native device keeps its key").env("LINCHPIN_NATIVE_STATE");

export function nativeStateFile(
  { nativeState }: { readonly nativeState?: string },
  { environment }: Pick<Invocation, "environment">,
): string {
  return nativeState ?? join(dirname(defaultStateFile(environment)), "native-device.json");
}

/** Where a key that was sent to be bound is kept until the answer is there: it is bound again, and takes no second place. */
export const unansweredFile = (file: string) => `${file}.unanswered`;

/** @throws Failure when there is no device, or the file is none of ours */
export async function readNativeDevice(file: string): Promise<NativeDevice> {
  const device = await findNativeDevice(file);
  if (device === null)
    throw new Failure(exitCodes.deviceMissing, `no device in ${file}: make one with \`linchpin device native bind\``);
  return device;
}

/** @throws Failure when the file is none of ours */
export function findNativeDevice(file: string): Promise<NativeDevice | null> {
  return findState<NativeDevice>(
    file,
    ({ thumbprint, key }) => typeof thumbprint === "string" && typeof key === "object",
    "--native-state",
  );
}

export const writeNativeDevice = (file: string, device: NativeDevice) => writeState(file, device);

export const openKey = ({ key }: NativeDevice) => openDeviceKey(key);
