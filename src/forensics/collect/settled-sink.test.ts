import { expect, test } from 'vitest';
import type { EvidenceSink } from '../../domain/evidence.ts';
import { settledSink } from './settled-sink.ts';

function recording() {
  const said: string[] = [];
  const sink: EvidenceSink = {
    async file(path, size) {
      said.push(`open ${path} ${size}`);
      return {
        async write(chunk) {
          said.push(`write ${Buffer.from(chunk).toString('latin1')}`);
        },
        async close() {
          said.push('close');
        },
      };
    },
  };
  return { said, sink };
}

test('fills up what is half written, and takes nothing after it', async () => {
  const { said, sink } = recording();
  const settled = settledSink(sink);
  const file = await settled.file('files/a', 5);
  await file.write(Buffer.from('ab'));
  expect(await settled.settle()).toEqual({ path: 'files/a', from: 2 });
  expect(said).toEqual(['open files/a 5', 'write ab', 'write \0\0\0', 'close']);
  expect(() => file.write(Buffer.from('c'))).toThrow('the step is over');
  await expect(settled.file('files/b', 1)).rejects.toThrow('the step is over');
  expect(await settled.settle()).toBeNull();
});

test('also a file that was just being opened', async () => {
  const { said, sink } = recording();
  const settled = settledSink(sink);
  const opening = settled.file('files/a', 1);
  expect(await settled.settle()).toEqual({ path: 'files/a', from: 0 });
  await opening;
  expect(said).toEqual(['open files/a 1', 'write \0', 'close']);
});

test('minds the size that was announced', async () => {
  const settled = settledSink(recording().sink);
  const file = await settled.file('files/a', 1);
  expect(() => file.close()).toThrow('files/a has 0 of the 1 bytes');
  expect(() => file.write(Buffer.from('ab'))).toThrow('longer than the 1 bytes');
  await expect(settled.file('files/b', 1)).rejects.toThrow('files/a is still open');
  expect(settled.half()).toBe('files/a');
});
