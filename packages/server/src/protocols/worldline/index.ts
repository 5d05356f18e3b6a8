export { worldline } from "./worldline.ts";
