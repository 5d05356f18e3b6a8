export { venly } from "./venly.ts";
