export { solaris } from "./solaris.ts";
