import { concatBytes, utf8 } from "@linchpin/core";
import type { OutboxEntry } from "@linchpin/store";

/** `{"id","to","channel","createdAt","text"}` as JSON in UTF-8. `text` may hold a PIN, so it is never a string. */
export function messageBody(
  { id, recipient, channel, createdAt }: OutboxEntry,
  text: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const others = JSON.stringify({ id, to: recipient, channel, createdAt });
  const escaped = escapeJson(text);
  try {
    return concatBytes(utf8(`${others.slice(0, -1)},"text":"`), escaped, utf8('"}'));
  } finally {
    escaped.fill(0);
  }
}

/** The characters of a JSON string: UTF-8, with the bytes escaped for which RFC 8259 §7 demands it. */
function escapeJson(text: Uint8Array): Uint8Array {
  const escaped = new Uint8Array(text.length * longestEscapeBytes);
  let length = 0;
  for (const byte of text) {
    const written = escapeByte(byte);
    escaped.set(written, length);
    length += written.length;
  }
  return escaped.subarray(0, length);
}

const longestEscapeBytes = 6;

function escapeByte(byte: number): ArrayLike<number> {
  if (byte < 0x20) return utf8(`\\u${byte.toString(16).padStart(4, "0")}`);
  return byte === 0x22 || byte === 0x5c ? [0x5c, byte] : [byte];
}
