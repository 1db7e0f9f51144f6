/** The longest that a line may grow before it is passed on in pieces. */
const longest = 1024 * 1024;

/** Collects lines over the borders of chunks, as bytes, so that no character is cut in two. */
export function lineSplitter(): { push(chunk: Buffer): string[]; rest(): string | null } {
  let parts: Buffer[] = [];
  let size = 0;
  const take = () => {
    const line = Buffer.concat(parts).toString().replace(/\r$/, '');
    parts = [];
    size = 0;
    return line;
  };
  return {
    push(chunk) {
      const lines: string[] = [];
      let from = 0;
      for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, from)) {
        parts.push(chunk.subarray(from, at));
        lines.push(take());
        from = at + 1;
      }
      if (from < chunk.length) {
        parts.push(chunk.subarray(from));
        size += chunk.length - from;
      }
      if (size > longest) lines.push(take());
      return lines;
    },
    rest: () => (parts.length === 0 ? null : take()),
  };
}
