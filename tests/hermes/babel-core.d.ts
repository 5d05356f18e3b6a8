/** What is used of it; it brings no types. */
declare module "@babel/core" {
  export function transformAsync(code: string, options: object): Promise<{ code?: string | null } | null>;
}
