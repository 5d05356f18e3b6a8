export { originOf, publishManifest } from "./publish-manifest.ts";
export { issuerKeysRoutes } from "./routes.ts";
