import { createRoot } from "react-dom/client";
import { ChangeYourPin } from "./change-your-pin.tsx";

const { paymentInstrumentId } = await (await fetch("/me")).json();
const main = document.querySelector("main");
if (main) createRoot(main).render(<ChangeYourPin paymentInstrumentId={paymentInstrumentId} />);
