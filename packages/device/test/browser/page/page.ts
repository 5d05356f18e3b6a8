// What the browser tests run: the whole library, as a page has it.
import * as adyen from "@linchpin/device/adyen";
import { openDeviceKeys } from "@linchpin/device/keys";
import * as native from "@linchpin/device/native";
import * as nativeReveal from "@linchpin/device/native-reveal";
import * as plumery from "@linchpin/device/plumery";
import { fetchRelay } from "@linchpin/device/relay";
import * as solaris from "@linchpin/device/solaris";
import * as solarisSca from "@linchpin/device/solaris-sca";
import * as venly from "@linchpin/device/venly";

const relay = fetchRelay({ baseUrl: "" });
Object.assign(globalThis, { adyen, native, nativeReveal, openDeviceKeys, plumery, relay, solaris, solarisSca, venly });
