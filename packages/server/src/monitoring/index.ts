export { health } from "./health.ts";
export { measure } from "./measure.ts";
