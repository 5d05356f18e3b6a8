/** ISO/IEC 7812-1 Annex B: the last of the ASCII digits is the check digit of those before it. */
export function hasCheckDigit(pan: Uint8Array): boolean {
  return luhnSum(pan) % 10 === 0;
}

/** Every second digit from the right counts twice, its digits added up. */
function luhnSum(pan: Uint8Array): number {
  return pan.reduce((sum, byte, index) => {
    const digit = byte - 0x30;
    const isDoubled = (pan.length - index) % 2 === 0;
    return sum + (isDoubled ? (2 * digit > 9 ? 2 * digit - 9 : 2 * digit) : digit);
  }, 0);
}
