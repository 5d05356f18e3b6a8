import { LinchpinError } from "@linchpin/core";
import type * as Pkcs11js from "pkcs11js";

/** The package pkcs11js, which calls PKCS#11 modules. It is an optional dependency, because installing it compiles it. */
export type Binding = typeof Pkcs11js;

/** @throws LinchpinError `settings_invalid`: the package is not installed; the reason says how to install it */
export async function loadBinding(load: () => Promise<{ default: Binding }> = importBinding): Promise<Binding> {
  try {
    return (await load()).default;
  } catch (cause) {
    throw new LinchpinError("settings_invalid", {
      reason: `a vault in a PKCS#11 token needs the package pkcs11js: npm install pkcs11js@${version} (with a C++ compiler, make and Python at hand)`,
      cause,
    });
  }
}

const importBinding = () => import("pkcs11js");
const version = "2.1.7";
