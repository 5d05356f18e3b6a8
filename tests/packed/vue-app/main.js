import { createApp } from "vue";
import ChangeYourPin from "./ChangeYourPin.vue";

const { paymentInstrumentId } = await (await fetch("/me")).json();
createApp(ChangeYourPin, { paymentInstrumentId }).mount("main");
