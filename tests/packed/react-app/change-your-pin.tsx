import "@linchpin/elements";
import { changePin } from "@linchpin/device/adyen";
import { fetchRelay } from "@linchpin/device/relay";
import type {} from "@linchpin/elements/react";

const relay = fetchRelay({ baseUrl: "/relay" });

export function ChangeYourPin({ paymentInstrumentId }: { paymentInstrumentId: string }) {
  return (
    <linchpin-pin-change
      change={(pin, { signal }) => changePin({ relay, paymentInstrumentId, pin, signal })}
      onpin-change-failed={({ detail }) => console.warn(detail.code)}
    />
  );
}
