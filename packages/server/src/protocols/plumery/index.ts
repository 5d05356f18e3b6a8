export { plumery } from "./plumery.ts";
