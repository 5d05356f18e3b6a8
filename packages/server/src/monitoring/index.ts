export { health } from "./health.ts";
export { startHealthServer } from "./health-server.ts";
export { measure } from "./measure.ts";
