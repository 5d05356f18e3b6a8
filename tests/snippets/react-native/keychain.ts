// In the place of react-native-keychain 10: what the guides call, with what it answers.

interface Options {
  readonly service: string;
}

const kept = new Map<string, { username: string; password: string }>();

export const ACCESSIBLE = { WHEN_PASSCODE_SET_THIS_DEVICE_ONLY: "AccessibleWhenPasscodeSetThisDeviceOnly" };

export async function setGenericPassword(username: string, password: string, { service }: Options): Promise<object> {
  kept.set(service, { username, password });
  return { service, storage: "keychain" };
}

export async function getGenericPassword({ service }: Options): Promise<object | false> {
  const found = kept.get(service);
  return found === undefined ? false : { ...found, service, storage: "keychain" };
}

export async function resetGenericPassword({ service }: Options): Promise<boolean> {
  return kept.delete(service);
}
