export { describeDeliveries } from "./describe-deliveries.ts";
export { cardEvents, deviceEvents, issuerEvents } from "./events.ts";
export { describeFetchFailure } from "./fetch-failure.ts";
export { messageAssociatedData, messageEntry, openMessage } from "./message.ts";
export { maxOtpsPerHour, otpMessage } from "./otp-message.ts";
export { deliverDue, deliveryTimeoutMs, startOutboxDelivery } from "./start-outbox-delivery.ts";
