import { addAuditCheckpoint } from "./audit/add-audit-checkpoint.ts";
import { appendAuditEvent } from "./audit/append-audit-event.ts";
import { findLastAuditCheckpoint } from "./audit/find-last-audit-checkpoint.ts";
import { listAuditCheckpoints } from "./audit/list-audit-checkpoints.ts";
import { listAuditShards } from "./audit/list-audit-shards.ts";
import { listCardAuditEvents } from "./audit/list-card-audit-events.ts";
import { listShardAuditEvents } from "./audit/list-shard-audit-events.ts";
import { addAccessToken } from "./callers/add-access-token.ts";
import { addCredential } from "./callers/add-credential.ts";
import { addOperator } from "./callers/add-operator.ts";
import { addPartner } from "./callers/add-partner.ts";
import { countWrongSecret } from "./callers/count-wrong-secret.ts";
import { deleteExpiredAccessTokens } from "./callers/delete-expired-access-tokens.ts";
import { deleteOperator } from "./callers/delete-operator.ts";
import { deleteWrongSecretCounts } from "./callers/delete-wrong-secret-counts.ts";
import { findAccessToken } from "./callers/find-access-token.ts";
import { findCredential } from "./callers/find-credential.ts";
import { findCredentialBySecret } from "./callers/find-credential-by-secret.ts";
import { findOperator } from "./callers/find-operator.ts";
import { findPartner } from "./callers/find-partner.ts";
import { listCredentials } from "./callers/list-credentials.ts";
import { listOperators } from "./callers/list-operators.ts";
import { listPartners } from "./callers/list-partners.ts";
import { revokeCredential } from "./callers/revoke-credential.ts";
import { addCard } from "./cards/add-card.ts";
import { addCardName } from "./cards/add-card-name.ts";
import { findCard } from "./cards/find-card.ts";
import { findCardByName } from "./cards/find-card-by-name.ts";
import { findCardData } from "./cards/find-card-data.ts";
import { findCardForChange } from "./cards/find-card-for-change.ts";
import { setCardData } from "./cards/set-card-data.ts";
import { setCardState } from "./cards/set-card-state.ts";
import { addChallenge } from "./challenges/add-challenge.ts";
import { answerChallenge } from "./challenges/answer-challenge.ts";
import { deleteExpiredChallenges } from "./challenges/delete-expired-challenges.ts";
import { endChallenges } from "./challenges/end-challenges.ts";
import { findChallenge } from "./challenges/find-challenge.ts";
import { findOpenChallenge } from "./challenges/find-open-challenge.ts";
import { takeTry } from "./challenges/take-try.ts";
import { addChangeRequest } from "./change-requests/add-change-request.ts";
import { authorizeChangeRequest } from "./change-requests/authorize-change-request.ts";
import { deleteEndedChangeRequests } from "./change-requests/delete-ended-change-requests.ts";
import { failChangeRequest } from "./change-requests/fail-change-request.ts";
import { failExpiredChangeRequests } from "./change-requests/fail-expired-change-requests.ts";
import { findChangeRequest } from "./change-requests/find-change-request.ts";
import { takeConfirmationTry } from "./change-requests/take-confirmation-try.ts";
import type { Database } from "./database/database.ts";
import { ping } from "./database/ping.ts";
import { addDevice } from "./devices/add-device.ts";
import { addDeviceKey } from "./devices/add-device-key.ts";
import { deleteDevice } from "./devices/delete-device.ts";
import { deleteUnverifiedDevices } from "./devices/delete-unverified-devices.ts";
import { findDevice } from "./devices/find-device.ts";
import { listDevices } from "./devices/list-devices.ts";
import { verifyDevice } from "./devices/verify-device.ts";
import { addKey } from "./keys/add-key.ts";
import { countProtected } from "./keys/count-protected.ts";
import { destroyKey } from "./keys/destroy-key.ts";
import { eraseKeyHandle } from "./keys/erase-key-handle.ts";
import { listKeys } from "./keys/list-keys.ts";
import { listSealed } from "./keys/list-sealed.ts";
import { makeKeyCurrent } from "./keys/make-key-current.ts";
import { replaceSealed } from "./keys/replace-sealed.ts";
import { retireKey } from "./keys/retire-key.ts";
import { addOutboxEntry } from "./outbox/add-outbox-entry.ts";
import { claimOutboxEntries } from "./outbox/claim-outbox-entries.ts";
import { deleteDeadMessages } from "./outbox/delete-dead-messages.ts";
import { deleteDelivered } from "./outbox/delete-delivered.ts";
import { listMessages } from "./outbox/list-messages.ts";
import { markDelivered } from "./outbox/mark-delivered.ts";
import { markFailed } from "./outbox/mark-failed.ts";
import { measureOutbox } from "./outbox/measure-outbox.ts";
import { addPerson } from "./persons/add-person.ts";
import { deleteMobileNumber } from "./persons/delete-mobile-number.ts";
import { findPerson } from "./persons/find-person.ts";
import { setMobileNumber } from "./persons/set-mobile-number.ts";
import { verifyMobileNumber } from "./persons/verify-mobile-number.ts";
import { changePin } from "./pins/change-pin.ts";
import { listFormerPins } from "./pins/list-former-pins.ts";
import { setChipSynced } from "./pins/set-chip-synced.ts";
import { settleVerification } from "./pins/settle-verification.ts";
import { unblockPin } from "./pins/unblock-pin.ts";
import { addProgram } from "./programs/add-program.ts";
import { findProgram } from "./programs/find-program.ts";
import { listPrograms } from "./programs/list-programs.ts";
import { deleteReplayMarks } from "./replay-marks/delete-replay-marks.ts";
import { isReplayed } from "./replay-marks/is-replayed.ts";
import { spend } from "./replay-marks/spend.ts";
import { addSigningMethod } from "./signing/add-signing-method.ts";
import { addSigningUser } from "./signing/add-signing-user.ts";
import { findSigningMethod } from "./signing/find-signing-method.ts";
import { findSigningUser } from "./signing/find-signing-user.ts";
import { listSigningUsers } from "./signing/list-signing-users.ts";
import { settleSigning } from "./signing/settle-signing.ts";
import { updateSigningMethod } from "./signing/update-signing-method.ts";
import type { Store } from "./store.ts";

/** A store on a database that has been migrated. */
export function createStore(database: Database): Store {
  return {
    listKeys: listKeys.bind(null, database),
    addKey: addKey.bind(null, database),
    makeKeyCurrent: makeKeyCurrent.bind(null, database),
    retireKey: retireKey.bind(null, database),
    destroyKey: destroyKey.bind(null, database),
    eraseKeyHandle: eraseKeyHandle.bind(null, database),
    countProtected: countProtected.bind(null, database),
    listSealed: listSealed.bind(null, database),
    replaceSealed: replaceSealed.bind(null, database),

    addPartner: addPartner.bind(null, database),
    findPartner: findPartner.bind(null, database),
    listPartners: listPartners.bind(null, database),
    addCredential: addCredential.bind(null, database),
    findCredential: findCredential.bind(null, database),
    findCredentialBySecret: findCredentialBySecret.bind(null, database),
    listCredentials: listCredentials.bind(null, database),
    revokeCredential: revokeCredential.bind(null, database),
    addAccessToken: addAccessToken.bind(null, database),
    findAccessToken: findAccessToken.bind(null, database),
    deleteExpiredAccessTokens: deleteExpiredAccessTokens.bind(null, database),
    countWrongSecret: countWrongSecret.bind(null, database),
    deleteWrongSecretCounts: deleteWrongSecretCounts.bind(null, database),
    addOperator: addOperator.bind(null, database),
    findOperator: findOperator.bind(null, database),
    listOperators: listOperators.bind(null, database),
    deleteOperator: deleteOperator.bind(null, database),

    addProgram: addProgram.bind(null, database),
    findProgram: findProgram.bind(null, database),
    listPrograms: listPrograms.bind(null, database),
    addPerson: addPerson.bind(null, database),
    findPerson: findPerson.bind(null, database),
    setMobileNumber: setMobileNumber.bind(null, database),
    verifyMobileNumber: verifyMobileNumber.bind(null, database),
    deleteMobileNumber: deleteMobileNumber.bind(null, database),
    addCard: addCard.bind(null, database),
    addCardName: addCardName.bind(null, database),
    findCard: findCard.bind(null, database),
    findCardByName: findCardByName.bind(null, database),
    findCardForChange: findCardForChange.bind(null, database),
    listFormerPins: listFormerPins.bind(null, database),
    setCardState: setCardState.bind(null, database),
    isReplayed: isReplayed.bind(null, database),
    spend: spend.bind(null, database),
    deleteReplayMarks: deleteReplayMarks.bind(null, database),
    changePin: changePin.bind(null, database),
    settleVerification: settleVerification.bind(null, database),
    unblockPin: unblockPin.bind(null, database),
    setChipSynced: setChipSynced.bind(null, database),

    setCardData: setCardData.bind(null, database),
    findCardData: findCardData.bind(null, database),

    addDevice: addDevice.bind(null, database),
    findDevice: findDevice.bind(null, database),
    listDevices: listDevices.bind(null, database),
    verifyDevice: verifyDevice.bind(null, database),
    deleteDevice: deleteDevice.bind(null, database),
    deleteUnverifiedDevices: deleteUnverifiedDevices.bind(null, database),
    addDeviceKey: addDeviceKey.bind(null, database),

    addChallenge: addChallenge.bind(null, database),
    findChallenge: findChallenge.bind(null, database),
    findOpenChallenge: findOpenChallenge.bind(null, database),
    endChallenges: endChallenges.bind(null, database),
    takeTry: takeTry.bind(null, database),
    answerChallenge: answerChallenge.bind(null, database),
    deleteExpiredChallenges: deleteExpiredChallenges.bind(null, database),

    addChangeRequest: addChangeRequest.bind(null, database),
    findChangeRequest: findChangeRequest.bind(null, database),
    authorizeChangeRequest: authorizeChangeRequest.bind(null, database),
    takeConfirmationTry: takeConfirmationTry.bind(null, database),
    failChangeRequest: failChangeRequest.bind(null, database),
    failExpiredChangeRequests: failExpiredChangeRequests.bind(null, database),
    deleteEndedChangeRequests: deleteEndedChangeRequests.bind(null, database),

    addSigningUser: addSigningUser.bind(null, database),
    findSigningUser: findSigningUser.bind(null, database),
    listSigningUsers: listSigningUsers.bind(null, database),
    findSigningMethod: findSigningMethod.bind(null, database),
    settleSigning: settleSigning.bind(null, database),
    addSigningMethod: addSigningMethod.bind(null, database),
    updateSigningMethod: updateSigningMethod.bind(null, database),

    appendAuditEvent: appendAuditEvent.bind(null, database),
    listCardAuditEvents: listCardAuditEvents.bind(null, database),
    listShardAuditEvents: listShardAuditEvents.bind(null, database),
    listAuditShards: listAuditShards.bind(null, database),
    addAuditCheckpoint: addAuditCheckpoint.bind(null, database),
    findLastAuditCheckpoint: findLastAuditCheckpoint.bind(null, database),
    listAuditCheckpoints: listAuditCheckpoints.bind(null, database),

    addOutboxEntry: addOutboxEntry.bind(null, database),
    claimOutboxEntries: claimOutboxEntries.bind(null, database),
    markDelivered: markDelivered.bind(null, database),
    markFailed: markFailed.bind(null, database),
    listMessages: listMessages.bind(null, database),
    measureOutbox: measureOutbox.bind(null, database),
    deleteDelivered: deleteDelivered.bind(null, database),
    deleteDeadMessages: deleteDeadMessages.bind(null, database),

    ping: ping.bind(null, database),
    close: () => database.close(),
  };
}
