// Types and code of every entry; of the one for @noble/*, which is not installed here, the types.
export * as adyen from "@linchpin/device/adyen";
export * as keys from "@linchpin/device/keys";
export * as lithic from "@linchpin/device/lithic";
export * as native from "@linchpin/device/native";
export * as nativeReveal from "@linchpin/device/native-reveal";
export type * as noble from "@linchpin/device/noble";
export * as plumery from "@linchpin/device/plumery";
export * as relay from "@linchpin/device/relay";
export * as roots from "@linchpin/device/roots";
export * as solaris from "@linchpin/device/solaris";
export * as solarisSca from "@linchpin/device/solaris-sca";
export * as spritz from "@linchpin/device/spritz";
export * as stripe from "@linchpin/device/stripe";
export * as venly from "@linchpin/device/venly";
export * as webCrypto from "@linchpin/device/webcrypto";
export * as worldline from "@linchpin/device/worldline";
export * as elements from "@linchpin/elements";
export * as frame from "@linchpin/elements/frame";
