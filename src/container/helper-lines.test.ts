import { expect, test } from 'vitest';
import { helperLines } from './helper-lines.ts';

const said = (bytes: Buffer, stream: 'stdout' | 'stderr' = 'stdout') => ({ stream, data: bytes });

test('lines are whole, wherever the bytes of a line and of a letter were parted', async () => {
  const bytes = Buffer.from('{"name":"schlüssel"}\nsecond\n\nnot yet');
  async function* output() {
    yield said(Buffer.from('a warning\n'), 'stderr');
    for (const byte of bytes) yield said(Buffer.from([byte]));
  }
  const lines: string[] = [];
  for await (const line of helperLines({ output: output() })) lines.push(line);
  expect(lines).toEqual(['{"name":"schlüssel"}', 'second', '']);
});
