export { pointOf } from "./public-half.ts";
export { originOf, publishManifest } from "./publish-manifest.ts";
export { forgetManifest } from "./read-manifest.ts";
export { readNativeManifest } from "./read-native-manifest.ts";
export { issuerKeysRoutes } from "./routes.ts";
