export { adyen } from "./adyen.ts";
export { adyenRoles } from "./require-role.ts";
