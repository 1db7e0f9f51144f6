import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkpointImage } from './checkpoint-image.ts';
import { openLayout, readBlob, readIndex } from './layout.ts';
import type { Manifest } from './media.ts';
import { saveCommitted } from './save-committed.ts';

/** Saved images as engines of all ages write them, and as none should. */

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pitwall-saved-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

type Entry = readonly [name: string, content: Buffer | { readonly link: string }];

async function tarOf(entries: readonly Entry[]): Promise<Buffer> {
  const tar = pack();
  for (const [name, content] of entries) {
    if (Buffer.isBuffer(content)) tar.entry({ name }, content);
    else tar.entry({ name, type: 'symlink', linkname: content.link });
  }
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

const hexOf = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const json = (value: object) => Buffer.from(JSON.stringify(value));
const configOf = (...layers: Buffer[]) => json({ rootfs: { type: 'layers', diff_ids: layers.map((layer) => `sha256:${hexOf(layer)}`) } });

async function save(tar: Buffer, name = 'case'): Promise<{ manifest: Manifest; content: (at: number) => Promise<Buffer> }> {
  const layout = openLayout(join(folder, name), 'ev_1', folder);
  // In odd pieces, as a socket gives them.
  const pieces = function* () {
    for (let at = 0; at < tar.length; at += 999) yield tar.subarray(at, at + 999);
  };
  const engine = { saveImage: async () => Readable.from(pieces(), { objectMode: false }) };
  const { digest } = await saveCommitted(engine, 'sha256:1', layout, { signal: new AbortController().signal });
  expect((await readIndex(layout)).map((each) => each.digest)).toEqual([digest]);
  const manifest = JSON.parse((await readBlob(layout, digest)).toString()) as Manifest;
  return { manifest, content: (at) => readBlob(layout, manifest.layers[at]?.digest ?? '') };
}

const [base, top] = [randomBytes(5000), randomBytes(700)];

test('before Docker 25: folders of layers, one that occurs twice as a link', async () => {
  const config = configOf(base, top, base);
  const { manifest, content } = await save(
    await tarOf([
      ['a/', Buffer.alloc(0)],
      ['a/VERSION', Buffer.from('1.0')],
      ['a/json', json({})],
      ['a/layer.tar', base],
      ['b/layer.tar', top],
      ['c/layer.tar', { link: '../a/layer.tar' }],
      ['f.json', config],
      ['manifest.json', json([{ Config: 'f.json', RepoTags: null, Layers: ['a/layer.tar', 'b/layer.tar', 'c/layer.tar'] }])],
      ['repositories', json({})],
    ]),
  );
  expect(manifest.config).toEqual({
    mediaType: 'application/vnd.oci.image.config.v1+json',
    digest: `sha256:${hexOf(config)}`,
    size: config.length,
  });
  expect(manifest.layers.map(({ digest, mediaType }) => [digest.slice(7), mediaType.split('.').at(-1)])).toEqual([
    [hexOf(base), 'tar'],
    [hexOf(top), 'tar'],
    [hexOf(base), 'tar'],
  ]);
  expect((await content(1)).equals(top)).toBe(true);
});

test('from containerd: blobs by digest, compressed as they were pulled', async () => {
  const packed = gzipSync(base);
  const config = configOf(base, top);
  const blob = (bytes: Buffer) => `blobs/sha256/${hexOf(bytes)}`;
  const entries: Entry[] = [packed, top, config].map((bytes) => [blob(bytes), bytes]);
  const manifestJson: Entry = ['manifest.json', json([{ Config: blob(config), Layers: [blob(packed), blob(top)] }])];
  const tar = await tarOf([...entries, ['index.json', json({})], manifestJson]);
  const { manifest, content } = await save(tar);
  expect(manifest.layers.map(({ mediaType }) => mediaType.split('.').at(-1))).toEqual(['tar+gzip', 'tar']);
  expect((await content(0)).equals(packed)).toBe(true);
  // The second case takes the layers from the store, and is the same.
  expect((await save(tar, 'again')).manifest).toEqual(manifest);
});

test('an engine that is lost in the middle says so', async () => {
  const tar = await tarOf([['a/layer.tar', randomBytes(100_000)]]);
  const lost = new Error('the connection was lost');
  const pieces = async function* () {
    yield tar.subarray(0, 50_000);
    throw lost;
  };
  const engine = { saveImage: async () => Readable.from(pieces(), { objectMode: false }) };
  const layout = openLayout(join(folder, 'case'), 'ev_1', folder);
  await expect(saveCommitted(engine, 'sha256:1', layout, { signal: new AbortController().signal })).rejects.toBe(lost);
});

test('a case that cannot be written to says so', async () => {
  const file = join(folder, 'file');
  await writeFile(file, 'x');
  const layout = openLayout(file, 'ev_1', null);
  const tar = await tarOf([['a/layer.tar', base]]);
  const engine = { saveImage: async () => Readable.from([tar]) };
  const options = { signal: new AbortController().signal };
  await expect(saveCommitted(engine, 'sha256:1', layout, options)).rejects.toMatchObject({ code: 'evidence_unwritable' });
  const archive = { name: 'checkpoint', path: file, sha256: hexOf(Buffer.from('x')), bytes: 1 } as const;
  await expect(checkpointImage(layout, archive, {})).rejects.toMatchObject({ code: 'evidence_unwritable' });
});

test('a checkpoint image never carries what would make it run', async () => {
  const archive = { name: 'checkpoint', path: '/nowhere', sha256: hexOf(base), bytes: 1 } as const;
  const layout = openLayout(folder, 'ev_1', null);
  await expect(checkpointImage(layout, archive, { 'io.podman.annotations.checkpoint.runtime.name': 'runc' })).rejects.toThrow(
    'would make the image run',
  );
});

test.each<[string, () => Promise<Buffer>]>([
  ['is cut', async () => (await tarOf([['a/layer.tar', base]])).subarray(0, 3000)],
  ['is no tar', async () => Buffer.alloc(2048, 'x')],
  ['is empty', async () => tarOf([])],
  ['has a manifest that is none', () => tarOf([['manifest.json', Buffer.from('{')]])],
  [
    'lacks a layer',
    () =>
      tarOf([
        ['f.json', configOf(base)],
        ['manifest.json', json([{ Config: 'f.json', Layers: ['a/layer.tar'] }])],
      ]),
  ],
  [
    'has another layer than its configuration says',
    () =>
      tarOf([
        ['a/layer.tar', top],
        ['f.json', configOf(base)],
        ['manifest.json', json([{ Config: 'f.json', Layers: ['a/layer.tar'] }])],
      ]),
  ],
  [
    'has a blob that is not what its name says',
    () =>
      tarOf([
        [`blobs/sha256/${hexOf(base)}`, top],
        ['manifest.json', json([])],
      ]),
  ],
])('a saved image that %s is an error, and nothing is listed', async (_what, tar) => {
  await expect(save(await tar())).rejects.toMatchObject({ code: 'image_unreadable' });
  const layout = openLayout(join(folder, 'case'), 'ev_1', folder);
  expect(await readIndex(layout)).toEqual([]);
  await expect(readFile(join(layout.folder, 'partial', '0'))).rejects.toMatchObject({ code: 'ENOENT' });
});
