import "@linchpin/elements";
import { changePin, revealPin } from "@linchpin/device/adyen";
import { fetchRelay } from "@linchpin/device/relay";

const { paymentInstrumentId } = await (await fetch("/me")).json();
const card = { relay: fetchRelay({ baseUrl: "/relay" }), paymentInstrumentId };

const change = document.querySelector("linchpin-pin-change");
const reveal = document.querySelector("linchpin-pin-reveal");
if (change) change.change = (pin, { signal }) => changePin({ ...card, pin, signal });
if (reveal) reveal.reveal = ({ signal }) => revealPin({ ...card, signal });
change?.addEventListener("pin-change-failed", ({ detail }) => console.warn(detail.code));
