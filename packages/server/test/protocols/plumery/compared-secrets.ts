/** Nothing is sent to Plumery's routes: they are read. */
export const comparedSecrets: Readonly<Record<string, readonly string[] | null>> = {};
