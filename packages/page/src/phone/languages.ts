import { registerMessages } from "@linchpin/elements";

/** The elements' languages; the last one is brought by this page, and only in part: what it leaves out is in English. */
export const languages: Readonly<Record<string, string>> = {
  en: "English",
  de: "Deutsch",
  pt: "português",
  ar: "العربية (in part)",
};

export const directionOf = (language: string): "ltr" | "rtl" => (language === "ar" ? "rtl" : "ltr");

registerMessages("ar", {
  chooseTitle: "اختر رقمك السري الجديد",
  repeatTitle: "أعد إدخال رقمك السري الجديد",
  repeatText: "أدخل الأرقام نفسها مرة أخرى.",
  next: "متابعة",
  submit: "تغيير الرقم السري",
  startAgain: "البدء من جديد",
  doneTitle: "تم تغيير رقمك السري",
  doneText: "استخدم رقمك السري الجديد من الآن فصاعدًا.",
  failedTitle: "لم يتم تغيير رقمك السري",
  retry: "حاول مرة أخرى",
  revealTitle: "رقمك السري",
  show: "إظهار الرقم السري",
  hide: "إخفاء الرقم السري",
});
