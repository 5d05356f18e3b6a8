/** In the programs that the page offers to copy: digits as the bytes that a PIN is made of. */
export const pinToTry = 'const pin = new Pin(new TextEncoder().encode("5294")); // yours: as bytes, from a keypad';
