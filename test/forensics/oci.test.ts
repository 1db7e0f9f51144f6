import { execFile } from 'node:child_process';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { blobPath, pruneShared } from '../../src/forensics/oci/blobs.ts';
import { checkpointImage } from '../../src/forensics/oci/checkpoint-image.ts';
import { type Layout, openLayout, readBlob, readIndex } from '../../src/forensics/oci/layout.ts';
import { type Manifest, refName } from '../../src/forensics/oci/media.ts';
import { type Pushed, push } from '../../src/forensics/oci/push.ts';
import { saveCommitted } from '../../src/forensics/oci/save-committed.ts';
import { attachStatement } from '../../src/forensics/oci/statement.ts';
import { verifyRemote } from '../../src/forensics/oci/verify-remote.ts';
import { docker } from '../support/containers.ts';
import { envelopeOf, never, openOciLab } from './oci-lab.ts';

let lab: Awaited<ReturnType<typeof openOciLab>>;
let imageId: string;
beforeAll(async () => {
  lab = await openOciLab();
  imageId = await lab.committed('web');
});
afterAll(() => lab?.[Symbol.asyncDispose]());

const annotations = { 'org.criu.checkpoint.container.name': 'web', 'org.criu.checkpoint.engine.name': 'Docker' };
const signedAt = '2026-01-02T03:04:05Z';

/** A case as a freeze leaves it: the committed image, the checkpoint and the statement about both. */
async function caseOf(layout: Layout, tar: Awaited<ReturnType<typeof lab.archive>>) {
  const committed = await saveCommitted(lab.engine, imageId, layout, { signal: never });
  const checkpoint = await checkpointImage(layout, { name: 'checkpoint', ...tar }, annotations);
  const envelope = envelopeOf(committed.digest, checkpoint.digest);
  const statements = [
    await attachStatement(layout, committed, envelope, { signedAt }),
    await attachStatement(layout, checkpoint, envelope, { signedAt }),
  ];
  return { layout, committed, checkpoint, statements };
}

const layoutOf = (name: string, id = 'ev_01ABC') => openLayout(join(lab.folder, name), id, lab.folder);

describe('a layout', () => {
  test('is the same, byte by byte, of the same evidence; layers are stored once', async () => {
    const tar = await lab.archive('same');
    const [one, two] = [await caseOf(layoutOf('one'), tar), await caseOf(layoutOf('two'), tar)];
    const index = await readFile(join(one.layout.folder, 'index.json'), 'utf8');
    expect(await readFile(join(two.layout.folder, 'index.json'), 'utf8')).toBe(index);
    const blobs = await readdir(join(one.layout.folder, 'blobs', 'sha256'));
    expect(await readdir(join(two.layout.folder, 'blobs', 'sha256'))).toEqual(blobs);
    expect(await readdir(one.layout.folder)).not.toContain('partial');
    const { layers } = JSON.parse((await readBlob(one.layout, one.committed.digest)).toString()) as Manifest;
    expect(layers.length).toBeGreaterThan(1);
    for (const { digest } of layers) {
      // Two cases and the store.
      expect((await stat(blobPath(one.layout, digest))).nlink).toBe(3);
      expect((await stat(blobPath(one.layout, digest))).ino).toBe((await stat(blobPath(two.layout, digest))).ino);
    }
    expect((await stat(blobPath(one.layout, `sha256:${tar.sha256}`))).ino).toBe((await stat(tar.path)).ino);
    expect((await readIndex(one.layout)).map((each) => each.annotations?.[refName]).slice(0, 2)).toEqual([
      'ev_01abc',
      'ev_01abc-checkpoint',
    ]);
    // Again, as after a crash: nothing is added.
    await caseOf(one.layout, tar);
    expect(await readFile(join(one.layout.folder, 'index.json'), 'utf8')).toBe(index);
    await pruneShared(one.layout.store ?? '');
    expect((await readdir(one.layout.store ?? '')).sort()).toEqual(layers.map(({ digest }) => digest.slice(7)).sort());
  });

  test('takes no layer from the store whose bytes were changed', async () => {
    const first = layoutOf('first');
    const { digest } = await saveCommitted(lab.engine, imageId, first, { signal: never });
    const { layers } = JSON.parse((await readBlob(first, digest)).toString()) as Manifest;
    const layer = layers[0]?.digest ?? '';
    const shared = blobPath(first, layer);
    const bytes = await readFile(shared);
    bytes[600] = (bytes[600] ?? 0) ^ 1;
    await writeFile(shared, bytes);
    const second = layoutOf('second');
    await saveCommitted(lab.engine, imageId, second, { signal: never });
    bytes[600] = (bytes[600] ?? 0) ^ 1;
    expect((await readFile(blobPath(second, layer))).equals(bytes)).toBe(true);
    expect((await readFile(shared)).equals(bytes)).toBe(false);
    const third = layoutOf('third');
    await saveCommitted(lab.engine, imageId, third, { signal: never });
    expect((await stat(blobPath(third, layer))).ino).toBe((await stat(blobPath(second, layer))).ino);
  });

  test('of a run that was aborted has no image, and nothing half', async () => {
    const layout = layoutOf('aborted');
    const stop = new AbortController();
    stop.abort(new Error('stopped'));
    await expect(saveCommitted(lab.engine, imageId, layout, { signal: stop.signal })).rejects.toThrow('stopped');
    expect(await readIndex(layout)).toEqual([]);
    await expect(saveCommitted(lab.engine, `sha256:${'0'.repeat(64)}`, layout, { signal: never })).rejects.toMatchObject({
      code: 'image_gone',
    });
  });
});

describe('pushed to a registry', () => {
  test('it is read back, is pulled by docker as it was, and its statement is found', async () => {
    const { layout, committed, checkpoint, statements } = await caseOf(layoutOf('pushed', 'ev_01PUSHED'), await lab.archive('pushed'));
    const seen: number[] = [];
    const onProgress = ({ done, total }: { done: number; total: number }) => seen.push(done / total);
    const pushed = await push(layout, lab.access, { signal: never, pullBack: 'full', onProgress });
    const reference = `${lab.access.url.slice(7)}/evidence:ev_01pushed`;
    expect(pushed).toMatchObject({
      reference,
      images: [
        { reference, digest: committed.digest },
        { reference: `${reference}-checkpoint`, digest: checkpoint.digest },
      ],
      notes: [`the registry ${lab.access.url} lets anyone pull ${reference}: evidence holds every secret of the memory`],
    });
    expect(seen.at(-1)).toBe(1);
    expect(await verifyRemote(lab.access, reference, committed.digest, { signal: never })).toEqual([]);
    expect(await verifyRemote(lab.access, `${reference}-checkpoint`, checkpoint.digest, { signal: never })).toEqual([]);
    expect(await verifyRemote(lab.access, reference, checkpoint.digest, { signal: never })).toHaveLength(1);

    const frozen = await layersOf(imageId);
    await docker('rmi', '-f', imageId);
    await docker('pull', '-q', reference);
    try {
      const script = 'cat /planted /etc/group; test -e /etc/passwd || echo gone';
      expect(await docker('run', '--rm', '--label', lab.label, '--network', 'none', reference, 'sh', '-c', script)).toBe(
        'planted\nchanged\ngone',
      );
      expect(await layersOf(reference)).toBe(frozen);
    } finally {
      await docker('rmi', '-f', reference);
      imageId = await lab.committed('web-again');
    }
    const fallback = await fetch(`${lab.access.url}/v2/${lab.access.repository}/manifests/${committed.digest.replace(':', '-')}`, {
      headers: { Accept: 'application/vnd.oci.image.index.v1+json' },
    });
    expect(await fallback.json()).toMatchObject({
      manifests: [
        {
          digest: statements[0]?.digest,
          artifactType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
          annotations: { 'dev.sigstore.bundle.predicateType': 'https://example.org/evidence/v1' },
        },
      ],
    });
  });

  test('by two processes at once, the same is there; again, nothing is sent', async () => {
    const { layout, committed } = await caseOf(layoutOf('twice', 'ev_01TWICE'), await lab.archive('twice', 40_000_000));
    const [one, two] = await Promise.all([push(layout, lab.access, { signal: never }), pushElsewhere(layout)]);
    expect(one.images).toEqual(two.images);
    expect((await push(layout, lab.access, { signal: never })).sentBytes).toBe(0);
    expect(await verifyRemote(lab.access, one.reference, committed.digest, { signal: never })).toEqual([]);
  });
});

const layersOf = (image: string) => docker('image', 'inspect', '--format', '{{json .RootFS.Layers}}', image);

/** In another process. */
async function pushElsewhere(layout: Layout): Promise<Pushed> {
  const path = fileURLToPath(new URL('../../src/forensics/oci/push.ts', import.meta.url));
  const call = `push(${JSON.stringify(layout)}, ${JSON.stringify(lab.access)}, { signal: new AbortController().signal })`;
  const script = `import { push } from ${JSON.stringify(path)}; console.log(JSON.stringify(await ${call}));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script]);
  return JSON.parse(stdout) as Pushed;
}
