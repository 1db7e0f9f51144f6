import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { block, padding, parseHeader, parsePax, tarEnd, tarHeader } from './tar-header.ts';

const paths = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 255 })
  .filter((path) => !path.includes('\0') && Buffer.from(path).toString() === path && Buffer.byteLength(path) <= 255 && !path.endsWith('/'));
const sizes = fc.oneof(fc.nat(), fc.integer({ min: 0, max: 2 ** 34 }), fc.constantFrom(0o77777777777, 0o77777777777 + 1));

/** Reads whole blocks of a header back. */
function parse(bytes: Buffer) {
  const first = parseHeader(bytes.subarray(0, block));
  if (first.kind !== 'pax') return { ...first, length: block };
  const body = bytes.subarray(block, block + first.size);
  const at = block + first.size + padding(first.size).length;
  return { ...parseHeader(bytes.subarray(at, at + block), parsePax(body)), length: at + block };
}

test('every name and size comes back as it went in, and nothing else is in the header', () => {
  fc.assert(
    fc.property(paths, sizes, fc.option(paths, { nil: undefined }), (path, size, link) => {
      const bytes = tarHeader({ path, size: link === undefined ? size : 0, link });
      expect(parse(bytes)).toEqual({
        kind: 'entry',
        path,
        size: link === undefined ? size : 0,
        type: link === undefined ? '0' : '1',
        link: link ?? '',
        length: bytes.length,
      });
    }),
    { numRuns: 500 },
  );
});

test('a flipped bit in a plain header is seen', () => {
  const whole = tarHeader({ path: 'files/processes.json', size: 4711 });
  for (let at = 0; at < whole.length; at++) {
    const flipped = Buffer.from(whole);
    flipped[at] = (flipped[at] ?? 0) ^ 1;
    // the blank behind the checksum is the one byte that no reader looks at
    expect([at, parseHeader(flipped).kind]).toEqual([at, at === 155 ? 'entry' : 'damaged']);
  }
});

test('GNU tar and Python read names of every length, other letters and sizes over 8 GiB', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'case-tar-'));
  try {
    const names = ['a', 'b'.repeat(100), 'c'.repeat(101), `${'d/'.repeat(120)}e`, 'é/ü', 'dir/'];
    const file = join(folder, 'x.tar');
    await writeFile(
      file,
      Buffer.concat([
        ...names.flatMap((path) => {
          const size = path.endsWith('/') ? 0 : 3;
          return [tarHeader({ path, size }), Buffer.from('abc'.slice(0, size)), padding(size)];
        }),
        tarHeader({ path: 'link', size: 0, link: 'b'.repeat(100) }),
        tarEnd,
      ]),
    );
    const { stdout } = await promisify(execFile)('tar', ['-tf', file, '--quoting-style=literal']);
    expect(stdout.trim().split('\n')).toEqual([...names, 'link']);
    const huge = join(folder, 'huge.tar');
    await writeFile(huge, tarHeader({ path: 'huge', size: 9 * 2 ** 30 }));
    const script = `import tarfile; t=tarfile.open(${JSON.stringify(huge)}).next(); print(t.name, t.size)`;
    expect((await promisify(execFile)('python3', ['-c', script])).stdout.trim()).toBe(`huge ${9 * 2 ** 30}`);
  } finally {
    await rm(folder, { recursive: true });
  }
});
