import type { Reading } from './contract.ts';

const mostBytes = 2 * 1024 * 1024;
/** An engine hands out some 50,000 lines a second. */
const mostLines = 10_000;

/** What a container printed since an instant (UTC ms), of that the last lines; `cut` when there was more than may be read. */
export async function logsSince(
  { engine, signal, room }: Reading,
  id: string,
  since: number,
): Promise<{ readonly text: string; readonly cut: boolean }> {
  const lines: string[] = [];
  let bytes = 0;
  for await (const { line } of engine.logs(id, { since, tail: mostLines, signal })) {
    bytes += line.length;
    if (bytes > mostBytes || !room.take(line.length)) return { text: lines.join('\n'), cut: true };
    lines.push(line);
  }
  return { text: lines.join('\n'), cut: lines.length >= mostLines };
}
