"use client";

import "@linchpin/elements";
import { changePin } from "@linchpin/device/adyen";
import { fetchRelay } from "@linchpin/device/relay";
import type {} from "@linchpin/elements/react";
import { useEffect, useState } from "react";

const relay = fetchRelay({ baseUrl: "/relay" });

export default function ChangeYourPin() {
  const [paymentInstrumentId, setPaymentInstrumentId] = useState<string>();
  useEffect(() => {
    fetch("/me")
      .then((answer) => answer.json())
      .then((me) => setPaymentInstrumentId(me.paymentInstrumentId));
  }, []);
  // Rendered in the browser alone: over a server's HTML, React gives a custom element no properties.
  if (paymentInstrumentId === undefined) return null;
  return <linchpin-pin-change change={(pin, { signal }) => changePin({ relay, paymentInstrumentId, pin, signal })} />;
}
