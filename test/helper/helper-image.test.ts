import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ensureHelperImage } from '../../src/container/helper-image.ts';
import { nodeRuntime } from '../../src/container/node-runtime.ts';
import { fixture, type Lab, openLab } from './lab.ts';

let lab: Lab;
let build: string;
beforeAll(async () => {
  lab = await openLab('helper-image');
  build = await lab.build();
});
afterAll(() => lab.close());

const day = 86_400_000;

describe('the helper image', () => {
  test('is made once, is named by its content, and carries the four labels and its digest', async () => {
    const said: string[] = [];
    const log = (message: string) => said.push(message);
    const now = Date.now();
    const image = await lab.image({ build, log, now });
    expect(image.reference).toBe(`pitwall-helper:${image.digest.slice(0, 12)}`);
    const { Id, Config } = await lab.engine.inspectImage(image.reference);
    expect(Config.Labels).toEqual({
      'pitwall.run': '00000000000000000000000000',
      'pitwall.role': 'helper-image',
      'pitwall.instance': lab.instance,
      'pitwall.expires': new Date(now + 30 * day).toISOString(),
      'pitwall.helper': image.digest,
      'pitwall.helper.busybox': image.busybox ? 'static' : 'none',
    });
    expect(said).toHaveLength(1);
    // Another instance, another day, another place for caches: the same content, so the same image.
    const again = await ensureHelperImage(lab.engine, { cacheDir: '/nowhere', instance: 'another', now: now + 20 * day, log, build });
    expect(again).toEqual(image);
    expect((await lab.engine.inspectImage(image.reference)).Id).toBe(Id);
    expect(said).toHaveLength(1);
  });

  test('another content has another name', async () => {
    const other = await lab.image({ build: await lab.build('other') });
    expect(other.reference).not.toBe((await lab.image({ build })).reference);
  });

  test('is made again on its last day, so that no sweep takes it from a run', async () => {
    const changed = await lab.build('renewed');
    const made = Date.now();
    const image = await lab.image({ build: changed, now: made });
    const later = made + 29.5 * day;
    expect(await lab.image({ build: changed, now: later })).toEqual(image);
    const { Config } = await lab.engine.inspectImage(image.reference);
    expect(Config.Labels?.['pitwall.expires']).toBe(new Date(later + 30 * day).toISOString());
  });

  test('carries a busybox only when that is static', async () => {
    const cacheDir = await mkdtemp(join(lab.folder, 'cache-'));
    await writeFile(join(cacheDir, 'busybox'), '#!/bin/sh\n');
    const options = { instance: lab.instance, now: Date.now(), build, cacheDir };
    // Node is a program, but one that needs its libraries.
    const without = await ensureHelperImage(lab.engine, { ...options, busybox: process.execPath });
    const withIt = await lab.image({ build, busybox: await lab.busybox() });
    expect(without.reference).toBe((await lab.image({ build })).reference);
    expect(withIt.busybox).toBe(true);
    expect(withIt.reference).not.toBe(without.reference);
  });

  test('helper.image is used as it is, and is never pulled', async () => {
    const image = await lab.image({ build });
    const ensure = (override: string) => ensureHelperImage(lab.engine, { override, cacheDir: '/nowhere', instance: 'x', now: 0 });
    expect(await ensure(image.reference)).toEqual(image);
    await expect(ensure('pitwall-helper:not-there')).rejects.toMatchObject({ code: 'helper_image', exitCode: 2 });
    await expect(ensure(fixture)).rejects.toThrow(/lacks the label pitwall.helper/);
  });

  test('takes along the built-in modules that Debian keeps beside its node', async () => {
    const plain = await nodeRuntime(process.execPath, ['NODE_USE_V8_PLATFORM=1']);
    const debian = await nodeRuntime(process.execPath, ['NODE_SHARED_BUILTIN_ACORN_PATH=/usr/share/nodejs/acorn/dist/acorn.js']);
    const extra = debian.filter(({ path }) => !plain.some((file) => file.path === path));
    expect(extra.map(({ path }) => path)).toEqual(['/usr/share/nodejs/acorn/dist/acorn.js']);
  });

  test('says what to do where node is no Linux program', async () => {
    const script = join(lab.folder, 'node.exe');
    await writeFile(script, 'MZ');
    await expect(nodeRuntime(script, [])).rejects.toMatchObject({ code: 'helper_node', hint: expect.stringContaining('helper.image') });
  });
});
