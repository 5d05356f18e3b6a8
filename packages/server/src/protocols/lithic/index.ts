export { lithic } from "./lithic.ts";
