import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { padding, type TarEntry, tarEnd, tarHeader } from './tar.ts';

const folder = mkdtempSync(join(tmpdir(), 'pitwall-tar-'));
afterAll(() => rmSync(folder, { recursive: true }));
const times = { mtime: '1700000000.123456789', atime: '1.000000001', ctime: '2.000000002' };
const entry = (given: Partial<TarEntry> & { path: string }): TarEntry => ({
  type: 'file',
  mode: 0o644,
  uid: 0,
  gid: 0,
  size: 0,
  times,
  ...given,
});

function unpack(entries: readonly { entry: TarEntry; content?: string }[]): string {
  const into = mkdtempSync(join(folder, 'x-'));
  const parts = entries.flatMap((one) => [tarHeader(one.entry), Buffer.from(one.content ?? '', 'latin1'), padding(one.entry.size)]);
  writeFileSync(`${into}.tar`, Buffer.concat([...parts, tarEnd]));
  execFileSync('tar', ['--warning=no-unknown-keyword', '-xf', `${into}.tar`, '-C', into], { stdio: ['ignore', 'ignore', 'inherit'] });
  return into;
}

test('names of any bytes come out of GNU tar as they went in', () => {
  const name = fc
    .uint8Array({ minLength: 1, maxLength: 120 })
    .map((bytes) => Buffer.from(bytes).toString('latin1').replace(/[\0/]/g, '_'))
    .filter((raw) => raw !== '.' && raw !== '..');
  fc.assert(
    fc.property(fc.uniqueArray(name, { minLength: 1, maxLength: 20 }), (names) => {
      const into = unpack(names.map((path, i) => ({ entry: entry({ path, size: String(i).length }), content: String(i) })));
      expect(readdirSync(into, 'latin1').sort()).toEqual([...names].sort());
    }),
    { numRuns: 20 },
  );
});

test('times to the nanosecond, links as links, a sparse file with its hole', () => {
  const sparse = { size: 1 << 20, extents: [{ offset: 8192, length: 4096 }] };
  const data = 'd'.repeat(4096);
  const long = 'l'.repeat(150);
  const into = unpack([
    { entry: entry({ path: 'plain', size: 5 }), content: 'plain' },
    { entry: entry({ path: 'hard', type: 'hard-link', link: 'plain' }) },
    { entry: entry({ path: 'soft', type: 'symlink', link: `/etc/${long}` }) },
    { entry: entry({ path: 'sparse', size: data.length, sparse }), content: data },
  ]);
  expect(statSync(join(into, 'plain'), { bigint: true }).mtimeNs).toBe(1700000000123456789n);
  expect(statSync(join(into, 'hard')).ino).toBe(statSync(join(into, 'plain')).ino);
  expect(readlinkSync(join(into, 'soft'))).toBe(`/etc/${long}`);
  const content = readFileSync(join(into, 'sparse'));
  expect([content.length, content.indexOf('d'), content.lastIndexOf('d')]).toEqual([1 << 20, 8192, 12287]);
});
