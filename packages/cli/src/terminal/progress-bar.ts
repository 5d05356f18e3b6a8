import type { Output } from "../invocation.ts";

const width = 30;

/** A bar on a terminal; nothing where `stderr` is none. */
export function showProgress(
  unit: string,
  stderr: Output,
): {
  show: (progress: { read: number; of: number }) => void;
  end: () => void;
} {
  if (!stderr.isTTY) return { show: () => {}, end: () => {} };
  return {
    show: ({ read, of }) => {
      const filled = of === 0 ? width : Math.round((width * read) / of);
      stderr.write(`\r${"█".repeat(filled)}${"░".repeat(width - filled)} ${read} of ${of} ${unit}`);
    },
    end: () => stderr.write("\r\u001b[K"),
  };
}
