import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { openCustody } from './custody.ts';
import { entryProblem } from './custody-entry.ts';
import { publicKeyOf } from './keys.ts';
import { readCustody } from './read-signed.ts';
import { testHome } from './testkit.ts';
import { openCase } from './writer.ts';

test('entries follow one another, signed, with who, when, where and zone', async () => {
  await using home = await testHome();
  await mkdir(home.folder, { recursive: true });
  const custody = openCustody(home.folder, home.options);
  custody.add({ what: 'frozen', data: { b: 1, a: 'ü\n' } });
  custody.add({ what: 'released', who: 'bob' });
  const entries = await readCustody(home.folder);
  expect(entries).toMatchObject([
    {
      seq: 1,
      who: 'ada',
      what: 'frozen',
      zone: 'Europe/Amsterdam',
      at: '2026-01-01T00:00:00.000Z',
      where: { host: 'host-1', boot: 'b00t' },
    },
    { seq: 2, who: 'bob', what: 'released', data: null },
  ]);
  expect(problemsOf(entries, home.options.signer.publicKey)).toEqual([]);
  const changed = entries.map((entry) => (entry.seq === 1 ? { ...entry, who: 'eve' } : entry));
  expect(problemsOf(changed, home.options.signer.publicKey)).toEqual(['entry 1 is not what was written']);
});

test('processes that add at the same time do not fork the chain', async () => {
  await using home = await testHome();
  await mkdir(home.folder, { recursive: true });
  const script = `
    import { openCustody } from ${JSON.stringify(new URL('./custody.ts', import.meta.url).href)};
    import { loadSigner } from ${JSON.stringify(new URL('./keys.ts', import.meta.url).href)};
    const signer = await loadSigner(${JSON.stringify(home.home)});
    const custody = openCustody(${JSON.stringify(home.folder)}, { id: ${JSON.stringify(home.options.id)}, signer, clock: { now: Date.now }, handler: { who: 'p' + process.pid, host: 'h', boot: null, zone: 'UTC' } });
    for (let i = 0; i < 25; i++) custody.add({ what: 'verified', data: i });`;
  const children = [1, 2, 3].map(() =>
    spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], { stdio: 'inherit' }),
  );
  const codes = await Promise.all(children.map((child) => once(child, 'exit')));
  expect(codes.map(([code]) => code)).toEqual([0, 0, 0]);
  const entries = await readCustody(home.folder);
  expect(entries).toHaveLength(75);
  expect(new Set(entries.map(({ who }) => who)).size).toBe(3);
  expect(problemsOf(entries, home.options.signer.publicKey)).toEqual([]);
});

test('half a line that a crash left is taken off; a last entry that was changed is refused', async () => {
  await using home = await testHome();
  await mkdir(home.folder, { recursive: true });
  const custody = openCustody(home.folder, home.options);
  custody.add({ what: 'frozen' });
  const path = join(home.folder, 'custody.jsonl');
  await appendFile(path, '{"at":"2026');
  custody.add({ what: 'sealed' });
  expect((await readCustody(home.folder)).map(({ what }) => what)).toEqual(['frozen', 'sealed']);
  expect((await readFile(path, 'utf8')).match(/\n/g)).toHaveLength(2);
  await writeFile(path, (await readFile(path, 'utf8')).replace(/\}\n$/, ' }\n'));
  expect(() => custody.add({ what: 'opened' })).toThrow(expect.objectContaining({ code: 'custody_damaged' }));
});

test('a full disk is told as such, and the space that was kept takes the last entries', async ({ skip }) => {
  await using home = await testHome();
  const mount = join(home.home, 'small');
  await mkdir(mount);
  const run = promisify(execFile);
  const mounted = await run('mount', ['-t', 'tmpfs', '-o', 'size=5m', 'none', mount]).catch(() => null);
  if (mounted === null) return skip('no right to mount a small disk');
  try {
    const writer = await openCase({ ...home.options, root: mount });
    await writeFile(join(mount, 'other'), Buffer.alloc(8 << 20)).catch(() => undefined);
    writer.custody.add({ what: 'memory: missing' });
    await writeFile(join(mount, 'other2'), Buffer.alloc(8 << 20)).catch(() => undefined);
    const fill = () => {
      for (let i = 0; i < 1000; i++) writer.custody.add({ what: 'verified' });
    };
    expect(fill).toThrow(expect.objectContaining({ code: 'evidence_no_space' }));
    expect(problemsOf(await readCustody(writer.folder), home.options.signer.publicKey)).toEqual([]);
    await writer.close();
  } finally {
    await run('umount', [mount]);
  }
});

function problemsOf(entries: Awaited<ReturnType<typeof readCustody>>, pem: string): (string | null)[] {
  const key = publicKeyOf(pem);
  return entries.map((entry, at) => entryProblem(entry, entries[at - 1] ?? null, key)).filter((problem) => problem !== null);
}
