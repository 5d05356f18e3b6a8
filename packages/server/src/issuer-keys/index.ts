export { originOf, publishManifest } from "./publish-manifest.ts";
export { forgetManifest, readLastManifest } from "./read-manifest.ts";
export { issuerKeysRoutes } from "./routes.ts";
