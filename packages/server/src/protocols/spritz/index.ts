export { spritz } from "./spritz.ts";
