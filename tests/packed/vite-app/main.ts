import "@linchpin/elements";
import { changePin, revealPin } from "@linchpin/device/adyen";
import { fetchRelay } from "@linchpin/device/relay";

const paymentInstrumentId = String(new URLSearchParams(location.search).get("card"));
const card = { relay: fetchRelay({ baseUrl: location.origin }), paymentInstrumentId };

const change = document.querySelector("linchpin-pin-change");
const reveal = document.querySelector("linchpin-pin-reveal");
if (change) change.change = (pin, { signal }) => changePin({ ...card, pin, signal });
if (reveal) reveal.reveal = ({ signal }) => revealPin({ ...card, signal });
for (const event of ["pin-changed", "pin-change-failed", "pin-shown", "pin-reveal-failed"])
  document.addEventListener(event, () => {
    document.title = event;
  });
