import { utf8 } from "@linchpin/core";
import type { OutboxEntry } from "@linchpin/store";
import type { Context } from "../context/index.ts";
import { messageEntry } from "./message.ts";

/** As Solaris limits its SMS: a caller cannot flood a person with messages. */
export const maxOtpsPerHour = 60;

/** An OTP, TAN or activation code on its way to the person. No word of the text but the code has six digits. */
export function otpMessage(
  context: Context,
  { to, code, about }: { to: string; code: string; about: keyof typeof texts },
): Promise<OutboxEntry> {
  const channel = about === "activation" ? "letter" : "sms";
  return messageEntry(context, { to, channel, text: utf8(texts[about](code)) });
}

/** Only a binding says in which language it asks. */
const texts = {
  "binding.de": (code: string) =>
    `${code} ist Ihr Code, um dieses Gerät zu verknüpfen. Er gilt 5 Minuten. Geben Sie ihn nie weiter.`,
  "binding.en": (code: string) =>
    `${code} is your code to bind this device. It is good for 5 minutes. Never pass it on.`,
  "binding.fr": (code: string) =>
    `${code} est votre code pour associer cet appareil. Il est valable 5 minutes. Ne le communiquez jamais.`,
  "pin change": (code: string) => `${code} is your TAN to change the PIN of your card. Never pass it on.`,
  "mobile number": (code: string) =>
    `${code} is your code to confirm this mobile number. It is good for 5 minutes. Never pass it on.`,
  activation: (code: string) => `Your activation code is ${code}. It is good for 30 days, once. Never pass it on.`,
} as const;
