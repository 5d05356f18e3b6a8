import { auditCatalogue } from "./audit-catalogue.ts";
import { type AuditCaller, AuditFacts } from "./audit-facts.ts";

const operatorName = "name of the operator";
const partnerId = "id of the partner";
const mayRegisterMobileNumbers = "whether it may register the first mobile number of its persons";
const personId = "id of the person";
const pinVersion = "version of the card's PIN";
const key = {
  keyId: "id of the key",
  purpose: "purpose of the key",
  version: "version of the key in its purpose",
  vault: "name of the vault that holds the key",
  acceptedUntil: "end of the key's acceptance; null while it has none",
};
const protects = "numbers of stored values that still need the key, which is why it was refused";

/** The audit events of the issuer API and of the issuer itself. */
export const issuerAudit = auditCatalogue({
  "issuer.operator.make": { when: "An operator gets an API key.", facts: { operatorName } },
  "issuer.operator.delete": { when: "An operator's API key is deleted.", facts: { operatorName } },
  "issuer.partner.make": { when: "A partner is added.", facts: { partnerId, mayRegisterMobileNumbers } },
  "issuer.partner.update": {
    when: "An operator says whether a partner may register mobile numbers.",
    facts: { partnerId, mayRegisterMobileNumbers },
  },
  "issuer.credential.make": {
    when: "A partner gets a credential for one protocol.",
    facts: {
      partnerId,
      protocol: "protocol that the credential is for",
      clientId: "client id of the credential",
      roles: "roles of the credential",
    },
  },
  "issuer.credential.revoke": {
    when: "A partner's credential is revoked.",
    facts: { partnerId, clientId: "client id of the credential" },
  },
  "issuer.person.make": { when: "A person is added.", facts: { partnerId, personId } },
  "issuer.person.mobile_number": {
    when: "An operator replaces a person's mobile number.",
    facts: { personId, mobileNumberId: "id of the new number" },
  },
  "issuer.person.name": { when: "An operator sets the name that a person's devices show.", facts: { personId } },
  "issuer.person.allow_codes": {
    when: "An operator allows a person's codes again, of which too many were wrong in a row.",
    facts: { personId },
  },
  "issuer.person.count_codes": {
    when: "After a restore, a person's wrong codes count again, of which the backup does not know.",
    facts: { personId, wrongCodes: "how many in a row" },
  },
  "issuer.person.unbind_key": {
    when: "The key of a device is unbound from a person.",
    facts: { personId, device: "thumbprint of the key" },
  },
  "issuer.program.make": { when: "A card program is added.", facts: { programId: "id of the program" } },
  "issuer.card.make": {
    when: "A card is added.",
    facts: { personId, programId: "id of its program", names: "its identifiers, by protocol" },
  },
  "issuer.card.name": {
    when: "A card gets its identifier in a protocol.",
    facts: { protocol: "the protocol", name: "the identifier" },
  },
  "issuer.card.set_data": {
    when: "A card's PAN, CVV2 and expiration date are stored.",
    facts: { expiration: "month and year of expiration" },
  },
  "issuer.card.set_state": { when: "A card is blocked, unblocked or terminated.", facts: { state: "the new state" } },
  "issuer.pin.verify": {
    when: "A PIN that a terminal sent is compared with the card's PIN.",
    facts: { keyId: "id of the key that the PIN was sealed for", result: "match, mismatch or blocked", pinVersion },
  },
  "issuer.pin.unblock": { when: "A blocked PIN is unblocked.", facts: { pinVersion } },
  "issuer.pin.generate": { when: "A random PIN is set and sent to the cardholder by letter.", facts: { pinVersion } },
  "issuer.pin.chip_synced": {
    when: "An operator reports which PIN version the card's chip holds.",
    facts: { pinVersion: "version that the chip holds" },
  },
  "issuer.key.make": { when: "The next version of a key is made, by an operator or a rotation.", facts: key },
  "issuer.key.rotate": { when: "A pending key becomes the current one, by an operator or by schedule.", facts: key },
  "issuer.key.retire": {
    when: "A key's acceptance ends before its time.",
    facts: {
      ...key,
      protects,
      signingMethodsToRecover: "number of signing methods that need recovery from then on",
    },
  },
  "issuer.key.destroy": { when: "A retired key is destroyed in its vault.", facts: { ...key, protects } },
  "issuer.device.delete": {
    when: "A device is deleted that was deleted before the database was restored from a backup.",
    facts: { personId, deviceId: "id of the device" },
  },
  "issuer.restore": {
    when: "A database that was restored from a backup is put in order: what follows ends what could be used twice.",
    facts: {
      lastCheckpoint: "number and SHA-256 of the last checkpoint in the backup",
      lostEvents: "number of events that an export has and the backup has not; null where no export was given",
    },
  },
  "issuer.log_in": {
    when: "Credentials were refused: a client's wrong secret, an API key or a token that nobody has. The first at an API is recorded at once, further ones of the same client once a minute for each server process.",
    facts: {
      basePath: "base path of the API",
      clientId: "client id whose secret was wrong; absent where no such client exists, or the credential names none",
      count: "number of refused log-ins",
    },
  },
  "{METHOD} {route}": {
    when: "A caller sent too many wrong PINs, signing methods or TANs to a route within a minute: once a minute for each server process. The operation is the method and the route, as in `POST /solaris/v1/change_requests/:id/confirm`.",
    facts: {},
  },
});

/** The event of `{METHOD} {route}`. */
export function throttledFacts(operation: string, caller: AuditCaller): AuditFacts {
  return new AuditFacts({ operation, caller });
}
