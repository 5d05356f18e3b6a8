import { mount } from "svelte";
import ChangeYourPin from "./ChangeYourPin.svelte";

const { paymentInstrumentId } = await (await fetch("/me")).json();
const target = document.querySelector("main");
if (target) mount(ChangeYourPin, { target, props: { paymentInstrumentId } });
