import { execFile } from 'node:child_process';
import { readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mendTar } from './checkpoint/mend-tar.ts';
import { openCheckpointTar } from './checkpoint/tar.ts';
import { hashFile } from './hash-file.ts';
import { meta, testHome } from './testkit.ts';
import { bytesTo, captured, sha256 } from './testkit-sealed.ts';
import { openCase, reopenCase } from './writer.ts';

const run = promisify(execFile);
const listed = async (archive: string) => (await run('tar', ['-tf', archive])).stdout.trim().split('\n');

test('the archive begins with its folder, ends with what checkpointctl reads, and has the hash that was made on the way', async () => {
  await using home = await testHome();
  const writer = await captured(home);
  const done = await writer.finishCheckpoint(meta);
  await writer.sync();
  const archive = join(home.folder, 'checkpoint.tar');
  expect(await listed(archive)).toEqual([
    'checkpoint/',
    'checkpoint/pages-1.img',
    'checkpoint/pages-7.img',
    'config.dump',
    'spec.dump',
    'stats-dump',
  ]);
  expect(await hashFile(archive)).toEqual(done);
  const spec = JSON.parse((await run('tar', ['-xOf', archive, 'spec.dump'])).stdout);
  expect(spec.annotations).toMatchObject({ 'io.kubernetes.cri.container-name': 'shop-web-1', 'dev.pitwall.restorable': 'false' });
  expect(spec.annotations['io.container.manager']).toBeUndefined();
  expect((await stat(home.folder)).mode & 0o777).toBe(0o700);
  for (const file of ['checkpoint.tar', 'files/logs.txt', 'cores/core.1.head', 'custody.jsonl', 'key.pub', '.lock']) {
    expect([file, (await stat(join(home.folder, file))).mode & 0o777]).toEqual([file, 0o600]);
  }
  await writer.close();
  expect((await readdir(home.folder)).sort()).toEqual(['.lock', 'checkpoint.tar', 'cores', 'custody.jsonl', 'files', 'key.pub']);
});

test('what is written in any pieces is what is read', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(700_000), { maxLength: 8 }), async (lengths) => {
      await using home = await testHome();
      const writer = await openCase(home.options);
      const whole = Buffer.concat(lengths.map((length, at) => Buffer.alloc(length, at + 1)));
      const file = await writer.file('checkpoint/pages-1.img', whole.length);
      let at = 0;
      for (const length of lengths) {
        // as a caller does that reads into one buffer: it is overwritten as soon as it may be
        const chunk = Buffer.from(whole.subarray(at, at + length));
        await file.write(chunk);
        chunk.fill(0xee);
        at += length;
      }
      await file.close();
      const done = await writer.finishCheckpoint(meta);
      const archive = await readFile(join(home.folder, 'checkpoint.tar'));
      expect(sha256(archive)).toBe(done.sha256);
      expect(archive.subarray(1024, 1024 + whole.length).equals(whole)).toBe(true);
      await writer.close();
    }),
    { numRuns: 15 },
  );
});

test('names that are not ours, and wrong sizes, are mistakes', async () => {
  await using home = await testHome();
  const writer = await openCase(home.options);
  for (const path of [
    'files/../x',
    'files/a\nb',
    '/etc/passwd',
    'x',
    'oci/x',
    'files/',
    'files/.hidden',
    'files/manifest.json',
    `files/${'a'.repeat(300)}`,
  ]) {
    await expect(writer.file(path, 1), path).rejects.toThrow(/is not a path for evidence/);
  }
  const more = await writer.file('files/a', 1);
  await expect(more.write(Buffer.alloc(2))).rejects.toThrow(/more than 1 bytes/);
  const fewer = await writer.file('checkpoint/b', 3);
  await expect(fewer.close()).rejects.toThrow(/3 of 3 bytes are missing/);
  await expect(openCase({ ...home.options, id: '../../x' })).rejects.toThrow(/not the id of a case/);
  await writer.close();
});

test('a stream is cut where it may not go on, and what broke off is kept as cut', async () => {
  await using home = await testHome();
  const writer = await openCase(home.options);
  const chunks = async function* (fail: boolean) {
    yield Buffer.from('abc');
    if (fail) throw new Error('broke off');
    yield Buffer.from('def');
  };
  expect(await writer.stream('files/whole', chunks(false), { maxBytes: 6 })).toEqual({ bytes: 6, cut: false });
  expect(await writer.stream('files/cut', chunks(false), { maxBytes: 4 })).toEqual({ bytes: 4, cut: true });
  await expect(writer.stream('files/broken', chunks(true), { maxBytes: 9 })).rejects.toThrow('broke off');
  expect(await readFile(join(home.folder, 'files/cut'), 'utf8')).toBe('abcd');
  expect(writer.cut).toEqual([
    { path: 'files/cut', wanted: null, bytes: 4 },
    { path: 'files/broken', wanted: null, bytes: 3 },
  ]);
  await writer.close();
});

test('an entry that its step gave up is cut, and the next one can be written', async () => {
  await using home = await testHome();
  const writer = await openCase(home.options);
  const late = await writer.file('checkpoint/pages-1.img', 10_000);
  await late.write(Buffer.alloc(1500, 1));
  await bytesTo(writer, 'checkpoint/pages-2.img', Buffer.alloc(600, 2));
  await expect(late.write(Buffer.alloc(1))).rejects.toThrow(/was given up/);
  const done = await writer.finishCheckpoint(meta);
  expect(writer.cut).toEqual([{ path: 'checkpoint/pages-1.img', wanted: 10_000, bytes: 1024 }]);
  expect((await hashFile(join(home.folder, 'checkpoint.tar'))).sha256).toBe(done.sha256);
  expect((await listed(join(home.folder, 'checkpoint.tar'))).slice(0, 3)).toEqual([
    'checkpoint/',
    'checkpoint/pages-1.img',
    'checkpoint/pages-2.img',
  ]);
  await writer.close();
});

test('an archive that a crash cut anywhere is made whole', async () => {
  await using home = await testHome();
  const writer = await captured(home);
  await writer.finishCheckpoint(meta);
  await writer.close();
  const archive = join(home.folder, 'checkpoint.tar');
  const whole = await readFile(archive);
  for (let length = 0; length < whole.length - 1024; length += 333) {
    const copy = join(home.home, `${length}.tar`);
    await writeFile(copy, whole.subarray(0, length));
    const { next } = await mendTar(copy);
    expect(next).toBeLessThanOrEqual(length);
    if (next === 0) continue;
    const tar = await openCheckpointTar(copy, next);
    const entry = await tar.entry('config.dump.again', 3);
    await entry.write(Buffer.from('abc'));
    await entry.close();
    const done = await tar.end();
    expect((await listed(copy)).at(-1)).toBe('config.dump.again');
    expect(await hashFile(copy)).toEqual(done);
  }
  await truncate(archive, 5000);
  const again = await reopenCase(home.options);
  expect(again.cut).toEqual([{ path: 'checkpoint/pages-1.img', wanted: 4096, bytes: 3584 }]);
  await again.finishCheckpoint(meta);
  expect(await listed(archive)).toContain('stats-dump');
  await again.close();
});
