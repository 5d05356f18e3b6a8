/** What is typed, whichever numerals a keyboard or an input method writes. */
interface TypingHandlers {
  readonly digit: (digit: number) => void;
  readonly delete: () => void;
}

/**
 * Hears what is typed inside a closed root: keys, and what dictation and input methods insert without a key. None of it
 * bubbles on to the page; who listens before us, at the window, still hears it.
 */
export function listenForTyping(root: ShadowRoot, on: TypingHandlers): void {
  root.addEventListener("keydown", (event) => onKey(event as KeyboardEvent, on));
  root.addEventListener("keyup", (event) => event.stopPropagation());
  // While an input method composes, its text still changes: what counts is what it ends with.
  root.addEventListener("beforeinput", (event) => {
    const { inputType, data, isComposing } = event as InputEvent;
    event.preventDefault();
    event.stopPropagation();
    if (inputType === "deleteContentBackward") on.delete();
    else if (inputType === "insertText" && !isComposing) push(data ?? "", on);
  });
  root.addEventListener("compositionend", (event) => {
    event.stopPropagation();
    push((event as CompositionEvent).data, on);
  });
}

function onKey(event: KeyboardEvent, on: TypingHandlers): void {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  const digit = digitOf(event.key);
  if (digit === undefined && event.key !== "Backspace") return;
  event.preventDefault();
  event.stopPropagation();
  if (digit === undefined) on.delete();
  else if (!event.repeat) on.digit(digit);
}

function push(text: string, on: TypingHandlers): void {
  for (const character of text) {
    const digit = digitOf(character);
    if (digit !== undefined) on.digit(digit);
  }
}

/** The value of a decimal digit of any script (Unicode's general category Nd), or undefined: full width, Devanagari … */
export function digitOf(key: string): number | undefined {
  if (!isDigit(key)) return undefined;
  const codePoint = key.codePointAt(0) ?? 0;
  let before = 0;
  // Each script's digits are ten in a row, from zero; where several rows are neighbours, the tens do not matter.
  while (isDigit(String.fromCodePoint(codePoint - before - 1))) before += 1;
  return before % 10;
}

const isDigit = (text: string) => /^\p{Nd}$/u.test(text);
