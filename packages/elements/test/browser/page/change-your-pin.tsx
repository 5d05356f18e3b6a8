import "@linchpin/elements";
import type { ChangePin } from "@linchpin/elements";
import type {} from "@linchpin/elements/react";
import { useEffect, useState } from "react";

export function ChangeYourPin({ change, onChanged }: { change: ChangePin; onChanged: () => void }) {
  const [isMounted, setIsMounted] = useState(false);
  useEffect(() => setIsMounted(true), []);
  return isMounted && <linchpin-pin-change change={change} onpin-changed={onChanged} />;
}
