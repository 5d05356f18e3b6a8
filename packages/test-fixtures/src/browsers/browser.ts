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

/** An expression for a page: whether another one comes true within that time. */
export function comesTrueWithin(timeoutMs: number, expression: string): string {
  return `new Promise((resolve, reject) => {
    const endsAt = Date.now() + ${timeoutMs};
    const look = () => {
      try {
        if (${expression}) resolve(true);
        else if (Date.now() > endsAt) resolve(false);
        else setTimeout(look, 20);
      } catch (error) {
        reject(error);
      }
    };
    look();
  })`;
}
