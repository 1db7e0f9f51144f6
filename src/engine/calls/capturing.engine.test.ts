import { readFile } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { extract } from 'tar-stream';
import { afterAll, describe, expect, test } from 'vitest';
import type { EngineEvent } from '../../domain/engine/events.ts';
import { bench, until } from '../testkit.ts';

const { engine, label, name, run, sweep } = bench();
afterAll(async () => {
  try {
    for (const { id } of await engine.images({ labels: [label] })) await engine.removeImage(id);
  } finally {
    await sweep();
  }
});

/** Names and texts of the files of a tar. */
async function filesOf(tar: NodeJS.ReadableStream | null): Promise<Record<string, string>> {
  if (tar === null) throw new Error('there is none');
  const found: Record<string, string> = {};
  const reader = extract();
  // The reader ends with the error of what it reads.
  tar.on('error', (error) => reader.destroy(error));
  for await (const entry of tar.pipe(reader)) {
    const chunks: Buffer[] = [];
    for await (const chunk of entry) chunks.push(chunk as Buffer);
    found[entry.header.name] = Buffer.concat(chunks).toString('latin1');
  }
  return found;
}

describe('a commit', () => {
  test('makes an image with the changes, never pauses, and is found by its labels', async () => {
    const id = await run('commit');
    await engine.exec(id, ['sh', '-c', 'echo planted > /planted; rm /etc/passwd']);
    const stop = new AbortController();
    const began = Date.now();
    const reference = `127.0.0.1:9/pitwall-test-engine/${name('commit')}:one`;
    const image = await engine.commit(id, { reference, comment: 'why', author: 'me', changes: ['LABEL a="b c"', 'LABEL "d"="e"'] });
    expect(image).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect((await engine.inspectImage(reference)).Id).toBe(image);
    expect((await engine.inspectImage(image)).Config.Labels).toMatchObject({ a: 'b c', d: 'e', 'pitwall.test': expect.anything() });
    expect(await engine.imageHistory(image)).toEqual(expect.arrayContaining([expect.objectContaining({ Comment: 'why' })]));
    const untagged = await engine.commit(id);
    expect((await engine.inspectImage(untagged)).RepoTags ?? []).toEqual([]);
    await engine.stop(id);
    const seen: string[] = [];
    for await (const event of engine.events({ since: began, types: ['container'], labels: [label], signal: stop.signal })) {
      if (event.id === id) seen.push(actionOf(event));
      if (event.id === id && event.action === 'die') stop.abort();
    }
    expect(seen).toContain('commit');
    expect(seen).not.toContain('pause');
    await engine.removeImage(untagged);
  });

  test('of a port and no tag is named whole', async () => {
    const id = await run('port');
    const reference = `127.0.0.1:9/${name('untagged')}`;
    await engine.commit(id, { reference });
    expect((await engine.inspectImage(reference)).RepoTags).toEqual([`${reference}:latest`]);
  });

  test('of a frozen container leaves it frozen; of nobody it fails', async () => {
    const id = await run('frozen');
    await engine.pause(id);
    await engine.commit(id);
    expect((await engine.inspect(id)).State.Paused).toBe(true);
    expect(await engine.usage(id)).toEqual({ cpuNs: expect.any(Number), memoryBytes: expect.any(Number), processes: expect.any(Number) });
    expect((await engine.usage(id)).cpuNs).toBe((await engine.usage(id)).cpuNs);
    await engine.unpause(id);
    await expect(engine.commit(name('nobody'))).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('a saved image', () => {
  test('names its configuration and its layers', async () => {
    const id = await run('save');
    const files = await filesOf(await engine.saveImage(await engine.commit(id)));
    const [manifest] = JSON.parse(files['manifest.json'] ?? '') as { Config: string; Layers: string[] }[];
    expect(manifest?.Layers.length).toBeGreaterThan(0);
    for (const path of [manifest?.Config ?? '', ...(manifest?.Layers ?? [])]) expect(Object.keys(files)).toContain(path);
  });

  test('that is not there is an error', async () => {
    await expect(engine.saveImage(`sha256:${'0'.repeat(64)}`)).rejects.toMatchObject({ code: 'image_gone' });
    await expect(engine.saveImage('pitwall-fixture/none:1')).rejects.toMatchObject({ code: 'image_gone' });
  });

  test('can be let go of, and fails with the reason of its signal', async () => {
    const id = await run('let-go');
    const image = await engine.commit(id);
    ((await engine.saveImage(image)) as Readable).destroy();
    const stop = new AbortController();
    const tar = await engine.saveImage(image, { signal: stop.signal });
    stop.abort(new Error('the run was aborted'));
    await expect(filesOf(tar)).rejects.toThrow('the run was aborted');
  });
});

describe('an archive', () => {
  test('of a path of a frozen container, volumes included; null where there is nothing', async () => {
    const id = await run('archive', { Volumes: { '/data': {} } });
    await engine.exec(id, ['sh', '-c', 'echo one > /data/one']);
    await engine.pause(id);
    expect(await filesOf(await engine.readArchive(id, '/data'))).toEqual({ 'data/': '', 'data/one': 'one\n' });
    expect(await engine.readArchive(id, '/nowhere')).toBeNull();
    await engine.unpause(id);
    await expect(engine.readArchive(name('nobody'), '/data')).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('a checkpoint', () => {
  test('is taken of a frozen container, which stays so, and is removed', async () => {
    const id = await run('checkpoint');
    await engine.pause(id);
    await engine.checkpoint(id, 'ck');
    expect((await engine.inspect(id)).State.Paused).toBe(true);
    await expect(engine.checkpoint(id, 'ck')).rejects.toMatchObject({ code: 'engine_failed' });
    await engine.removeCheckpoint(id, 'ck');
    await engine.removeCheckpoint(id, 'ck');
    await engine.unpause(id);
  });

  test('that CRIU refuses says where its log is', async () => {
    const device = '/dev/loop-control';
    const id = await run('refused', {
      Cmd: ['sh', '-c', `exec 9<${device}; touch /open; trap "exit 0" TERM; while :; do sleep 0.1; done`],
      HostConfig: { Devices: [{ PathOnHost: device, PathInContainer: device, CgroupPermissions: 'r' }] },
    });
    await until(async () => (await engine.statPath(id, '/open')) !== null, 'it has opened what CRIU cannot dump');
    const failure = await engine.checkpoint(id, 'ck').then(
      () => null,
      (error: Error) => error,
    );
    expect(failure).toMatchObject({ code: 'engine_failed', lost: false });
    const log = /\/\S+criu-dump\.log/.exec(failure?.message ?? '')?.[0] ?? '';
    expect(log).toContain(id);
    expect(await readFile(log, 'utf8')).toContain('Error (criu/');
  });
});

function actionOf(event: EngineEvent): string {
  return event.action.split(':')[0] ?? '';
}
