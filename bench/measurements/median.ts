/** The upper one of the two in the middle, where there are two. @throws Error where there is none */
export function medianOf(values: readonly number[]): number {
  const median = values.toSorted((one, other) => one - other)[values.length >> 1];
  if (median === undefined) throw new Error("nothing was measured");
  return median;
}
