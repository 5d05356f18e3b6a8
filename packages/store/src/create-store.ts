import type { Database } from "./database.ts";
import { addAccessToken } from "./queries/add-access-token.ts";
import { addAuditCheckpoint } from "./queries/add-audit-checkpoint.ts";
import { addCard } from "./queries/add-card.ts";
import { addCardName } from "./queries/add-card-name.ts";
import { addChallenge } from "./queries/add-challenge.ts";
import { addChangeRequest } from "./queries/add-change-request.ts";
import { addCredential } from "./queries/add-credential.ts";
import { addDevice } from "./queries/add-device.ts";
import { addDeviceKey } from "./queries/add-device-key.ts";
import { addKey } from "./queries/add-key.ts";
import { addOperator } from "./queries/add-operator.ts";
import { addOutboxEntry } from "./queries/add-outbox-entry.ts";
import { addPartner } from "./queries/add-partner.ts";
import { addPerson } from "./queries/add-person.ts";
import { addProgram } from "./queries/add-program.ts";
import { addSigningMethod } from "./queries/add-signing-method.ts";
import { addSigningUser } from "./queries/add-signing-user.ts";
import { answerChallenge } from "./queries/answer-challenge.ts";
import { appendAuditEvent } from "./queries/append-audit-event.ts";
import { authorizeChangeRequest } from "./queries/authorize-change-request.ts";
import { changePin } from "./queries/change-pin.ts";
import { claimOutboxEntries } from "./queries/claim-outbox-entries.ts";
import { countProtected } from "./queries/count-protected.ts";
import { countWrongSecret } from "./queries/count-wrong-secret.ts";
import { deleteDeadMessages } from "./queries/delete-dead-messages.ts";
import { deleteDelivered } from "./queries/delete-delivered.ts";
import { deleteDevice } from "./queries/delete-device.ts";
import { deleteEndedChangeRequests } from "./queries/delete-ended-change-requests.ts";
import { deleteExpiredAccessTokens } from "./queries/delete-expired-access-tokens.ts";
import { deleteExpiredChallenges } from "./queries/delete-expired-challenges.ts";
import { deleteMobileNumber } from "./queries/delete-mobile-number.ts";
import { deleteOperator } from "./queries/delete-operator.ts";
import { deleteReplayMarks } from "./queries/delete-replay-marks.ts";
import { deleteUnverifiedDevices } from "./queries/delete-unverified-devices.ts";
import { deleteWrongSecretCounts } from "./queries/delete-wrong-secret-counts.ts";
import { destroyKey } from "./queries/destroy-key.ts";
import { endChallenges } from "./queries/end-challenges.ts";
import { eraseKeyHandle } from "./queries/erase-key-handle.ts";
import { failChangeRequest } from "./queries/fail-change-request.ts";
import { failExpiredChangeRequests } from "./queries/fail-expired-change-requests.ts";
import { findAccessToken } from "./queries/find-access-token.ts";
import { findCard } from "./queries/find-card.ts";
import { findCardByName } from "./queries/find-card-by-name.ts";
import { findCardData } from "./queries/find-card-data.ts";
import { findCardForChange } from "./queries/find-card-for-change.ts";
import { findChallenge } from "./queries/find-challenge.ts";
import { findChangeRequest } from "./queries/find-change-request.ts";
import { findCredential } from "./queries/find-credential.ts";
import { findCredentialBySecret } from "./queries/find-credential-by-secret.ts";
import { findDevice } from "./queries/find-device.ts";
import { findLastAuditCheckpoint } from "./queries/find-last-audit-checkpoint.ts";
import { findOpenChallenge } from "./queries/find-open-challenge.ts";
import { findOperator } from "./queries/find-operator.ts";
import { findPartner } from "./queries/find-partner.ts";
import { findPerson } from "./queries/find-person.ts";
import { findProgram } from "./queries/find-program.ts";
import { findSigningMethod } from "./queries/find-signing-method.ts";
import { findSigningUser } from "./queries/find-signing-user.ts";
import { isReplayed } from "./queries/is-replayed.ts";
import { listAuditCheckpoints } from "./queries/list-audit-checkpoints.ts";
import { listAuditShards } from "./queries/list-audit-shards.ts";
import { listCardAuditEvents } from "./queries/list-card-audit-events.ts";
import { listCredentials } from "./queries/list-credentials.ts";
import { listDevices } from "./queries/list-devices.ts";
import { listFormerPins } from "./queries/list-former-pins.ts";
import { listKeys } from "./queries/list-keys.ts";
import { listMessages } from "./queries/list-messages.ts";
import { listOperators } from "./queries/list-operators.ts";
import { listPartners } from "./queries/list-partners.ts";
import { listPrograms } from "./queries/list-programs.ts";
import { listSealed } from "./queries/list-sealed.ts";
import { listShardAuditEvents } from "./queries/list-shard-audit-events.ts";
import { listSigningUsers } from "./queries/list-signing-users.ts";
import { makeKeyCurrent } from "./queries/make-key-current.ts";
import { markDelivered } from "./queries/mark-delivered.ts";
import { markFailed } from "./queries/mark-failed.ts";
import { measureOutbox } from "./queries/measure-outbox.ts";
import { ping } from "./queries/ping.ts";
import { replaceSealed } from "./queries/replace-sealed.ts";
import { retireKey } from "./queries/retire-key.ts";
import { revokeCredential } from "./queries/revoke-credential.ts";
import { setCardData } from "./queries/set-card-data.ts";
import { setCardState } from "./queries/set-card-state.ts";
import { setChipSynced } from "./queries/set-chip-synced.ts";
import { setMobileNumber } from "./queries/set-mobile-number.ts";
import { settleSigning } from "./queries/settle-signing.ts";
import { settleVerification } from "./queries/settle-verification.ts";
import { spend } from "./queries/spend.ts";
import { takeConfirmationTry } from "./queries/take-confirmation-try.ts";
import { takeTry } from "./queries/take-try.ts";
import { unblockPin } from "./queries/unblock-pin.ts";
import { updateSigningMethod } from "./queries/update-signing-method.ts";
import { verifyDevice } from "./queries/verify-device.ts";
import { verifyMobileNumber } from "./queries/verify-mobile-number.ts";
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
