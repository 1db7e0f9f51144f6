import { execFile } from 'node:child_process';
import { appendFile, cp, mkdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { block, entryLength, paddingLength, parseHeader, parsePax, tarEnd, tarHeader } from '../checkpoint/tar-header.ts';
import { openCustody } from '../custody.ts';
import { envelope } from '../dsse.ts';
import { exportCase } from '../export.ts';
import { manifestSchema } from '../manifest.ts';
import { statementOf } from '../statement.ts';
import { record, testHome } from '../testkit.ts';
import { sealedCase } from '../testkit-sealed.ts';
import { type Verification, verifyCase } from './verify.ts';

let home: Awaited<ReturnType<typeof testHome>>;
let file: string;
let archive: Buffer;
let entries: { path: string; at: number; end: number; link: boolean }[];

const unsealed = {
  schema: manifestSchema,
  id: 'ev_01JD00000000000000000000AB',
  sealedAt: '2026-01-01T00:00:00.000Z',
  recovered: false,
  cores: [],
  cut: [],
  missing: [],
  artefacts: [],
} as const;

beforeAll(async () => {
  home = await testHome();
  await sealedCase(home);
  file = join(home.home, 'case.tar');
  await exportCase(home.folder, file, openCustody(home.folder, home.options));
  archive = await readFile(file);
  entries = entriesOf(archive);
});
afterAll(() => home[Symbol.asyncDispose]());

test('a case and its export hold, with the included key and with the given one', async () => {
  const key = home.options.signer.publicKey;
  for (const target of [home.folder, file]) {
    expect(await verifyCase(target, { key })).toMatchObject({ ok: true, problems: [], note: null, signedBy: { key: 'given' } });
    expect((await verifyCase(target)).note).toMatch(/could replace it too/);
  }
  expect((await verifyCase(file)).checked).toBe(entries.length);
  const other = await testHome();
  expect(await verifyCase(file, { key: other.options.signer.publicKey })).toMatchObject({ ok: false });
  await other[Symbol.asyncDispose]();
});

test('the export has the files that it promises, the blob of the checkpoint as a link, and each core whole', async () => {
  expect(entries.map(({ path }) => path)).toEqual([
    'README.md',
    'statement.dsse.json',
    'key.pub',
    'custody.jsonl',
    'files/manifest.json',
    'files/empty.txt',
    'files/logs.txt',
    'files/memory.json',
    'checkpoint.tar',
    'cores/core.1',
    'cores/core.7',
    ...entries.map(({ path }) => path).filter((path) => path.startsWith('oci/blobs/')),
    'oci/index.json',
    'oci/oci-layout',
  ]);
  // the blobs of the checkpoint and of the statement
  expect(entries.filter(({ link }) => link)).toHaveLength(2);
  expect(archive.toString('latin1')).not.toContain('hunter2');
});

describe('a flipped byte makes the verification fail and name the file', () => {
  const every = process.env.PITWALL_TEST_FULL ? 1 : 61;
  test(`at every ${every === 1 ? '' : `${every}th `}byte of what is not big, and of the fields of the first headers`, {
    timeout: 600_000,
  }, async () => {
    const silent: number[] = [];
    for (let at = 0; at < archive.length; at++) {
      const entry = entryAt(at);
      const big = entry !== undefined && at >= entry.at + block && entry.end - entry.at > 8000;
      const field = entry !== undefined && at < entry.at + 265 && entries.indexOf(entry) < 5;
      if (big ? at % 97 !== 0 : !field && at % every !== 0) continue;
      if (!(await names(at, 1 << (at % 8)))) silent.push(at);
    }
    expect(silent).toEqual([]);
  });

  test('at any byte, in any way', { timeout: 120_000 }, async () => {
    const flips = fc.tuple(fc.nat(archive.length - 1), fc.integer({ min: 1, max: 255 }));
    await fc.assert(
      fc.asyncProperty(flips, async ([at, mask]) => {
        expect(await names(at, mask)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

describe('an export is no longer whole', () => {
  test('cut anywhere', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(archive.length - 1), async (length) => {
        expect((await verifyBytes(archive.subarray(0, length))).ok).toBe(false);
      }),
      { numRuns: 100 },
    );
  });

  test('with bytes behind it', async () => {
    for (const more of [Buffer.alloc(1), Buffer.alloc(block), Buffer.alloc(8192), Buffer.from('x')]) {
      const result = await verifyBytes(Buffer.concat([archive, more]));
      expect(result.problems).toEqual([{ path: 'changed.tar', problem: 'something stands behind its end' }]);
    }
  });

  test('without any one of its entries', async () => {
    for (const entry of entries) {
      const result = await verifyBytes(Buffer.concat([archive.subarray(0, entry.at), archive.subarray(entry.end)]));
      expect(result.problems.map(({ path }) => path)).toContain(entry.path);
    }
  });

  test('with an entry twice, or one more', async () => {
    for (const [at, entry] of entries.entries()) {
      const result = await verifyBytes(
        Buffer.concat([archive.subarray(0, entry.end), archive.subarray(entry.at, entry.end), archive.subarray(entry.end)]),
      );
      expect(
        result.problems.map(({ path }) => path),
        `${at}`,
      ).toContain(entry.path);
    }
    const added = Buffer.concat([archive.subarray(0, -tarEnd.length), tarHeader({ path: 'files/evil', size: 0 }), tarEnd]);
    expect((await verifyBytes(added)).problems).toEqual([{ path: 'files/evil', problem: 'is not part of the signed evidence' }]);
  });

  test('with any two entries in each other’s place', async () => {
    for (const [at, one] of entries.entries()) {
      const other = entries[at + 1];
      if (other === undefined) break;
      const swapped = Buffer.concat([
        archive.subarray(0, one.at),
        archive.subarray(other.at, other.end),
        archive.subarray(one.at, one.end),
        archive.subarray(other.end),
      ]);
      const paths = (await verifyBytes(swapped)).problems.map(({ path }) => path);
      expect(
        paths.some((path) => path === one.path || path === other.path),
        one.path,
      ).toBe(true);
    }
  });
});

describe('a case in its folder is no longer whole', () => {
  const changes: [string, string, (folder: string) => Promise<unknown>][] = [
    ['a changed file', 'files/logs.txt', (folder) => writeFile(join(folder, 'files/logs.txt'), 'two line\n')],
    ['a missing file', 'files/logs.txt', (folder) => rm(join(folder, 'files/logs.txt'))],
    ['an added file', 'files/more', (folder) => writeFile(join(folder, 'files/more'), '')],
    ['an added link', 'files/link', (folder) => promisify(execFile)('ln', ['-s', '/etc/passwd', join(folder, 'files/link')])],
    ['a head of a core', 'cores/core.7', (folder) => flip(join(folder, 'cores/core.7.head'), 5)],
    ['memory', 'checkpoint.tar', (folder) => flip(join(folder, 'checkpoint.tar'), 2000)],
    ['what was made after the statement', 'oci/index.json', (folder) => appendFile(join(folder, 'oci/index.json'), ' ')],
    ['the key', 'key.pub', (folder) => flip(join(folder, 'key.pub'), 60)],
    ['the statement', 'statement.dsse.json', (folder) => flip(join(folder, 'statement.dsse.json'), 300)],
    ['the custody log', 'custody.jsonl', (folder) => flip(join(folder, 'custody.jsonl'), 300)],
    ['the end of the custody log', 'custody.jsonl', (folder) => truncate(join(folder, 'custody.jsonl'), 700)],
    ['no statement', 'statement.dsse.json', (folder) => rm(join(folder, 'statement.dsse.json'))],
    ['the case renamed within itself', 'files/a', (folder) => rename(join(folder, 'files/logs.txt'), join(folder, 'files/a'))],
  ];
  test.each(changes)('%s', async (_, path, change) => {
    const copy = join(home.home, 'copy');
    await cp(home.folder, copy, { recursive: true });
    try {
      expect((await verifyCase(copy)).ok).toBe(true);
      await change(copy);
      const result = await verifyCase(copy);
      expect(result.ok).toBe(false);
      expect(result.problems.map((problem) => problem.path)).toContain(path);
    } finally {
      await rm(copy, { recursive: true });
    }
  });
});

test('an export that somebody else made up is refused, whatever its names are', async () => {
  const signer = home.options.signer;
  const statement = statementOf({ ...record, ...unsealed }, [{ path: 'a\0b', bytes: 2 ** 52, sha256: '0'.repeat(64), mediaType: '' }], {
    head: '0'.repeat(64),
    keyid: signer.keyid,
    storage: '',
  });
  for (const payload of [statement, Buffer.from(statement.toString().replaceAll('a\\u0000b', '../../../etc/passwd'))]) {
    const contents = {
      'README.md': '',
      'statement.dsse.json': envelope(payload, signer),
      'key.pub': signer.publicKey,
      'custody.jsonl': '{}\n',
    };
    const made = Object.entries(contents).map(([path, content]) => {
      const bytes = Buffer.from(content);
      return Buffer.concat([tarHeader({ path, size: bytes.length }), bytes, Buffer.alloc(paddingLength(bytes.length))]);
    });
    const paths = (await verifyBytes(Buffer.concat([...made, tarEnd]))).problems.map(({ path }) => path);
    expect(paths).toContain(payload === statement ? 'statement.dsse.json' : '../../../etc/passwd');
  }
});

test('openssl, sha256sum and Python check an export by the commands of its README', async () => {
  const unpacked = join(home.home, 'unpacked');
  await mkdir(unpacked);
  const run = async (script: string) => (await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', script], { cwd: unpacked })).stdout;
  await run(`tar -xf ${file}`);
  const readme = await readFile(join(unpacked, 'README.md'), 'utf8');
  const commands = readme
    .slice(readme.indexOf('## Check it'), readme.indexOf('## Look at it'))
    .split('\n')
    .filter((line) => line.startsWith('       '))
    .map((line) => line.slice(7))
    .join('\n');
  const told = await run(commands);
  expect(told.match(/Signature Verified Successfully/g)).toHaveLength(2);
  for (const path of ['checkpoint.tar', 'cores/core.7', 'files/manifest.json', 'oci/index.json', 'README.md'])
    expect(told).toContain(`${path}: OK`);
  await flip(join(unpacked, 'cores/core.7'), 3000);
  await expect(run(commands)).rejects.toThrow();
});

async function flip(path: string, at: number): Promise<void> {
  const bytes = await readFile(path);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  await writeFile(path, bytes);
}

async function verifyBytes(bytes: Buffer): Promise<Verification> {
  const changed = join(home.home, 'changed.tar');
  await writeFile(changed, bytes);
  return verifyCase(changed);
}

/** Whether a changed byte is seen, and its file is named. */
async function names(at: number, mask: number): Promise<boolean> {
  const changed = Buffer.from(archive);
  changed[at] = (changed[at] ?? 0) ^ mask;
  const path = entryAt(at)?.path ?? basename('changed.tar');
  return (await verifyBytes(changed)).problems.some((problem) => problem.path === path);
}

function entryAt(at: number) {
  return entries.find((entry) => at >= entry.at && at < entry.end);
}

function entriesOf(bytes: Buffer) {
  const found: { path: string; at: number; end: number; link: boolean }[] = [];
  let pax = new Map<string, string>();
  let start = 0;
  for (let at = 0; ; ) {
    const read = parseHeader(bytes.subarray(at, at + block), pax);
    if (read.kind === 'end' || read.kind === 'damaged') return found;
    const next = at + block + read.size + paddingLength(read.size);
    if (read.kind === 'pax') {
      pax = parsePax(bytes.subarray(at + block, at + block + read.size));
    } else {
      found.push({ path: read.path, at: start, end: next, link: read.type === '1' });
      expect(next - start).toBe(entryLength({ path: read.path, size: read.size, link: read.link || undefined }));
      pax = new Map();
      start = next;
    }
    at = next;
  }
}
