/** What the element tests need of a browser, so that the same tests run in three of them. */
export interface Browser {
  readonly name: string;
  open(url: string): Promise<Page>;
  close(): Promise<void>;
}

export interface Page {
  /** The value of a JavaScript expression, awaited; JSON at most. */
  evaluate(expression: string): Promise<unknown>;
  /** A key of the real keyboard, by its WebDriver or DOM name: `1`, `Enter`, `Backspace`, `Tab`. */
  press(key: string): Promise<void>;
  /** The mouse, in CSS pixels of the page. */
  click(x: number, y: number, times?: 1 | 2): Promise<void>;
  close(): Promise<void>;
}
