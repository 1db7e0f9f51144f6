import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeHead, type Frame, type FrameType, frameReader, frameTypes } from './frames.ts';

const frame = fc.record({
  type: fc.constantFrom(...(Object.keys(frameTypes) as FrameType[])),
  body: fc.uint8Array({ maxLength: 50 }).map((bytes) => Buffer.from(bytes)),
});

test('frames come out as they went in, wherever the stream was cut', () => {
  fc.assert(
    fc.property(fc.array(frame), fc.infiniteStream(fc.integer({ min: 1, max: 20 })), (sent, cuts) => {
      const stream = Buffer.concat(sent.flatMap(({ type, body }) => [encodeHead(type, body.length), body]));
      const read = frameReader();
      const got: Frame[] = [];
      for (let at = 0; at < stream.length; ) {
        const length = cuts.next().value;
        for (const one of read(stream.subarray(at, at + length))) {
          const last = got.at(-1);
          if (one.type === 'data' && last?.type === 'data')
            got[got.length - 1] = { type: 'data', bytes: Buffer.concat([last.bytes, one.bytes]) };
          else got.push(one);
        }
        at += length;
      }
      const expected: Frame[] = [];
      for (const { type, body } of sent) {
        const last = expected.at(-1);
        if (type === 'data' && body.length === 0) continue;
        if (type === 'data' && last?.type === 'data') expected[expected.length - 1] = { type, bytes: Buffer.concat([last.bytes, body]) };
        else expected.push({ type, bytes: body });
      }
      expect(got).toEqual(expected);
    }),
  );
});

test('refuses what is no such stream', () => {
  expect(() => [...frameReader()(Buffer.from('Error: no'))]).toThrow('unknown type 69');
  expect(() => [...frameReader()(Buffer.from([2, 255, 255, 255, 255]))]).toThrow('a frame of 4294967295 bytes');
});
