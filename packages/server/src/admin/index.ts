export { issuer } from "./admin.ts";
