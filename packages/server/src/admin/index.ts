export { issuer } from "./admin.ts";
export { exampleValues } from "./openapi.ts";
