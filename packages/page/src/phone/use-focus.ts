import type { RefCallback } from "preact";
import { useCallback } from "preact/hooks";

/** For the `ref` of what a reader goes on with: it takes the focus as it appears, which would else be lost with what went. */
export function useFocus(): RefCallback<HTMLElement> {
  return useCallback((element: HTMLElement | null) => element?.focus(), []);
}
