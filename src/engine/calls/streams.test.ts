import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { frames } from '../frames.ts';
import { lineSplitter } from '../lines.ts';

/** Cuts the bytes at the given places, as a socket may. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const at = [0, ...places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return at.slice(1).map((end, index) => bytes.subarray(at[index], end));
}

async function* from(chunks: readonly Buffer[]) {
  yield* chunks;
}

function frame(stream: number, data: Buffer): Buffer {
  const header = Buffer.alloc(8);
  header[0] = stream;
  header.writeUInt32BE(data.length, 4);
  return Buffer.concat([header, data]);
}

const places = fc.array(fc.nat(10_000), { maxLength: 30 });

describe('frames', () => {
  test('come out whole wherever the socket cut them', async () => {
    const part = fc.record({ stream: fc.constantFrom(1, 2), data: fc.uint8Array({ maxLength: 200 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 20 }), places, async (parts, cuts) => {
        const bytes = Buffer.concat(parts.map(({ stream, data }) => frame(stream, Buffer.from(data))));
        const got = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
        for await (const { stream, data } of frames(from(cut(bytes, cuts)))) got[stream].push(Buffer.from(data));
        const sent = (wanted: number) => Buffer.concat(parts.filter(({ stream }) => stream === wanted).map(({ data }) => data));
        expect(Buffer.concat(got.stdout).equals(sent(1))).toBe(true);
        expect(Buffer.concat(got.stderr).equals(sent(2))).toBe(true);
      }),
    );
  });

  test('a stream that has none is an error, not text', async () => {
    const read = async () => {
      for await (const each of frames(from([Buffer.from('hello, world')]))) expect(each).toBeUndefined();
    };
    await expect(read()).rejects.toThrow('not multiplexed');
  });
});

describe('lines', () => {
  test('come out whole, their characters too, wherever they were cut', () => {
    const line = fc.string({ unit: 'binary', maxLength: 50 }).map((text) => text.replace(/[\r\n]/g, ''));
    fc.assert(
      fc.property(fc.array(line, { maxLength: 20 }), places, (lines, cuts) => {
        const splitter = lineSplitter();
        const bytes = Buffer.from(lines.map((text) => `${text}\n`).join(''));
        expect(cut(bytes, cuts).flatMap((chunk) => splitter.push(chunk))).toEqual(lines);
        expect(splitter.rest()).toBeNull();
      }),
    );
  });

  test('a last line without an end is told apart, and a line without end is passed on in pieces', () => {
    const splitter = lineSplitter();
    expect(splitter.push(Buffer.from('one\r\ntw'))).toEqual(['one']);
    expect(splitter.push(Buffer.from('o'))).toEqual([]);
    expect(splitter.rest()).toBe('two');
    const long = splitter.push(Buffer.alloc(1024 * 1024 + 1, 'x'));
    expect(long.map((text) => text.length)).toEqual([1024 * 1024 + 1]);
  });
});
