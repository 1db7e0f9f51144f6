import { execFile } from 'node:child_process';
import { appendFile, mkdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { openCustody } from './custody.ts';
import { exportCase } from './export.ts';
import { resealPartial } from './reseal.ts';
import { sealCase } from './seal.ts';
import { meta, record, testHome } from './testkit.ts';
import { bytesTo, captured, sealedCase } from './testkit-sealed.ts';
import { verifyCase } from './verify/verify.ts';
import { openCase } from './writer.ts';

const run = promisify(execFile);

test('a manifest masks values of the environment, and names every artefact', async () => {
  await using home = await testHome();
  const { manifest, statement } = await sealedCase(home);
  const text = await readFile(join(home.folder, 'files/manifest.json'), 'utf8');
  expect(text).not.toContain('hunter2');
  expect(manifest.environment).toEqual(['PASSWORD=***', 'PATH=***']);
  expect(manifest.artefacts.map(({ path }) => path)).toContain('cores/core.7');
  expect(manifest.artefacts.map(({ path }) => path)).not.toContain('cores/core.7.head');
  const payload = JSON.parse(Buffer.from(JSON.parse(statement.toString()).payload, 'base64').toString());
  expect(payload).toMatchObject({ _type: 'https://in-toto.io/Statement/v1', predicateType: 'https://pitwall.dev/evidence/v1' });
  expect(payload.subject.map(({ name }: { name: string }) => name)).toEqual(
    expect.arrayContaining(['README.md', 'checkpoint.tar', 'cores/core.1']),
  );
});

test.each([
  ['in the middle of memory', async (folder: string) => truncate(join(folder, 'checkpoint.tar'), 6000)],
  ['before any memory', async (folder: string) => rm(join(folder, 'checkpoint.tar'))],
  ['in a custody entry', async (folder: string) => appendFile(join(folder, 'custody.jsonl'), '{"half')],
  ['in the description of memory', async (folder: string) => truncate(join(folder, 'files/memory.json'), 50)],
  ['between statement and seal', async (folder: string) => writeFile(join(folder, 'statement.dsse.json'), '{"half')],
])('a case that a crash ended %s is sealed as what it is', async (_, crash) => {
  await using home = await testHome();
  const writer = await captured(home);
  await writer.sync();
  // the process is gone: nothing is closed by it any more
  await crash(home.folder);
  const { manifest } = await resealPartial(home.options, record);
  expect(manifest.recovered).toBe(true);
  expect(await verifyCase(home.folder, { key: home.options.signer.publicKey })).toMatchObject({ ok: true });
  await expect(resealPartial(home.options, record)).rejects.toMatchObject({ code: 'evidence_sealed' });
  const file = join(home.home, 'out.tar');
  await exportCase(home.folder, file, openCustody(home.folder, home.options));
  expect(await verifyCase(file)).toMatchObject({ ok: true });
  await writer.close().catch(() => undefined);
});

test('a core whose pages were cut is not put together, and its head stays', async () => {
  await using home = await testHome();
  const writer = await captured(home);
  await writer.sync();
  await truncate(join(home.folder, 'checkpoint.tar'), 6000);
  const { manifest } = await resealPartial(home.options, record);
  expect(manifest.missing).toEqual(['cores/core.7: its head or its pages are not whole']);
  expect(manifest.artefacts.map(({ path }) => path)).toEqual(expect.arrayContaining(['cores/core.1', 'cores/core.7.head']));
  await writer.close().catch(() => undefined);
});

test('an export overwrites nothing, and leaves nothing when it fails', async () => {
  await using home = await testHome();
  await sealedCase(home);
  const custody = openCustody(home.folder, home.options);
  const file = join(home.home, 'out.tar');
  await writeFile(file, 'mine');
  await expect(exportCase(home.folder, file, custody)).rejects.toMatchObject({ code: 'export_exists', exitCode: 2 });
  expect(await readFile(file, 'utf8')).toBe('mine');
  await truncate(join(home.folder, 'files/logs.txt'), 1);
  const other = join(home.home, 'other.tar');
  await expect(exportCase(home.folder, other, custody)).rejects.toMatchObject({ code: 'evidence_changed' });
  await expect(readFile(`${other}.part`)).rejects.toThrow(/ENOENT/);
  await rm(join(home.folder, 'statement.dsse.json'));
  await expect(exportCase(home.folder, other, custody)).rejects.toMatchObject({ code: 'evidence_unsealed' });
});

test('a full disk at any size: what was written stays, is sealed and holds', { timeout: 120_000 }, async ({ skip }) => {
  await using home = await testHome();
  const mount = join(home.home, 'small');
  await mkdir(mount);
  const mounted = await run('mount', ['-t', 'tmpfs', '-o', 'size=6m', 'none', mount]).catch(() => null);
  if (mounted === null) return skip('no right to mount a small disk');
  try {
    for (const [at, path] of ['checkpoint/pages-1.img', 'files/volume.tar'].entries()) {
      const options = { ...home.options, root: mount, id: home.options.id.replace('AB', `A${at}`) };
      const writer = await openCase(options);
      writer.custody.add({ what: 'frozen' });
      await bytesTo(writer, 'checkpoint/pages-0.img', Buffer.alloc(5000, 1));
      const failing = bytesTo(writer, path, Buffer.alloc(8 << 20, 2));
      await expect(failing).rejects.toMatchObject({
        code: 'evidence_no_space',
        message: expect.stringMatching(`the disk of ${writer.folder} is full: \\d+ bytes`),
      });
      expect(writer.cut).toMatchObject([{ path, wanted: 8 << 20 }]);
      await writer.text('files/logs.txt', 'still written\n');
      await writer.finishCheckpoint(meta);
      await writer.sync();
      const { manifest } = await sealCase(writer, record);
      expect(manifest.cut).toMatchObject([{ path }]);
      expect(await verifyCase(writer.folder, { key: options.signer.publicKey })).toMatchObject({ ok: true });
      await run('tar', ['-tf', join(writer.folder, 'checkpoint.tar')]);
      await rm(writer.folder, { recursive: true });
    }
  } finally {
    await run('umount', [mount]);
  }
});
