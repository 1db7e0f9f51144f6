import type { ByteHelper } from './helper-container.ts';

/** What a helper says on its standard output, a line at a time, however its bytes come in; what has no end of line is not said yet. To be read once. */
export async function* helperLines({ output }: Pick<ByteHelper, 'output'>): AsyncGenerator<string> {
  let rest = '';
  const decoder = new TextDecoder();
  for await (const { stream, data } of output) {
    if (stream === 'stderr') continue;
    const lines = (rest + decoder.decode(data, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
}
