const width = 30;

/** A bar on the terminal's stderr; nothing where that is none. */
export function showProgress(unit: string): {
  show: (progress: { read: number; of: number }) => void;
  end: () => void;
} {
  if (!process.stderr.isTTY) return { show: () => {}, end: () => {} };
  return {
    show: ({ read, of }) => {
      const filled = of === 0 ? width : Math.round((width * read) / of);
      process.stderr.write(`\r${"█".repeat(filled)}${"░".repeat(width - filled)} ${read} of ${of} ${unit}`);
    },
    end: () => process.stderr.write("\r\u001b[K"),
  };
}
