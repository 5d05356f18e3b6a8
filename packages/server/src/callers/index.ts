export { auditFailedLogins } from "./audit-failed-logins.ts";
export {
  authenticateByKey,
  authenticateOperator,
  authenticatePartner,
  bearerOf,
  hashSecret,
  issueAccessToken,
  recallByKey,
} from "./authenticate.ts";
export { basicCredentialsOf } from "./basic-credentials.ts";
export { clientCredentialsOf, limitByClientCredentials, takeTokenForms } from "./client-credentials.ts";
export { deleteOperator } from "./delete-operator.ts";
export { makeCredential } from "./make-credential.ts";
export { makeOperator } from "./make-operator.ts";
export { makePartner } from "./make-partner.ts";
export { forgetCallers } from "./remember-caller.ts";
export { revokeCredential } from "./revoke-credential.ts";
export { reportRightSecret, throttleFailedAttempts } from "./throttle-failed-attempts.ts";
export { updatePartner } from "./update-partner.ts";
