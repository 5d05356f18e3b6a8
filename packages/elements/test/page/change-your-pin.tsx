import "@linchpin/elements";
import type { ChangePin, PinChangeElement } from "@linchpin/elements";
import { useEffect, useState } from "react";

declare module "react" {
  namespace JSX {
    interface IntrinsicElements {
      "linchpin-pin-change": DetailedHTMLProps<HTMLAttributes<PinChangeElement>, PinChangeElement> & {
        change: ChangePin;
        "onpin-changed"?: () => void;
      };
    }
  }
}

export function ChangeYourPin({ change, onChanged }: { change: ChangePin; onChanged: () => void }) {
  const [isMounted, setIsMounted] = useState(false);
  useEffect(() => setIsMounted(true), []);
  return isMounted && <linchpin-pin-change change={change} onpin-changed={onChanged} />;
}
