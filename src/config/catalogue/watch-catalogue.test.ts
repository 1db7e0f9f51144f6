import {
  appendFileSync,
  closeSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { kinds } from '../fixtures/fake-kind.ts';
import { drillText, type Folder, folder } from '../fixtures/folder.ts';
import type { WatchedCatalogue } from './in-force.ts';
import { type CatalogueWatch, watchCatalogue } from './watch-catalogue.ts';

const clock = { sleep: (ms: number, signal?: AbortSignal) => sleep(ms, undefined, signal ? { signal } : {}) };
const day = 86_400_000;

function watching(here: Folder, options: { pollMs?: number; settleMs?: number } = {}): CatalogueWatch {
  return watchCatalogue({ folders: [here.path], kinds, cwd: here.path, clock, pollMs: 100, settleMs: 30, ...options });
}

/** The first catalogue from now on that is as wanted. */
function until(watch: CatalogueWatch, wanted: (catalogue: WatchedCatalogue) => boolean): Promise<WatchedCatalogue> {
  return new Promise((resolve) => {
    const off = watch.onChange((catalogue) => {
      if (!wanted(catalogue)) return;
      off();
      resolve(catalogue);
    });
  });
}

function uptimes({ drills }: WatchedCatalogue): Record<string, number> {
  return Object.fromEntries(drills.map((drill) => [drill.name, (drill.params as { maxUptime: number }).maxUptime / day]));
}

describe('watchCatalogue', () => {
  test('an edit, a new file, a new folder and a removal take effect', async () => {
    using here = folder({ 'a.yaml': drillText('a') });
    await using watch = watching(here);
    expect(uptimes(watch.current())).toEqual({ a: 7 });

    const edited = until(watch, (now) => uptimes(now).a === 3);
    here.write('a.yaml', drillText('a', '3d'));
    expect(await edited).toBe(watch.current());

    const more = until(watch, (now) => now.drills.length === 3);
    here.write('b.yml', drillText('b'));
    here.write('sub/c.yaml', drillText('c'));
    expect(uptimes(await more)).toEqual({ a: 3, b: 7, c: 7 });

    const less = until(watch, (now) => now.drills.length === 1);
    rmSync(here.at('sub'), { recursive: true });
    rmSync(here.at('a.yaml'));
    expect(uptimes(await less)).toEqual({ b: 7 });
    expect(watch.current().problems).toEqual([]);
  });

  test('a broken edit leaves the last good version in force and says so, until it is mended', async () => {
    using here = folder({ 'a.yaml': `${drillText('a')}---\n${drillText('b')}` });
    await using watch = watching(here);

    const half = until(watch, (now) => now.problems.length > 0);
    here.write('a.yaml', `${drillText('a', '3d')}---\n${drillText('b', '3 dayz')}`);
    expect(uptimes(await half)).toEqual({ a: 3, b: 7 });
    expect(watch.current().stale).toEqual(['b']);
    expect(watch.current().problems[0]?.message).toBe('a.yaml:9:22 params.maxUptime: "3 dayz" is not a duration (try 3d)');

    const broken = until(watch, (now) => now.stale.length === 2);
    here.write('a.yaml', 'name: a\n\tkind: x\n');
    expect(uptimes(await broken)).toEqual({ a: 3, b: 7 });

    const mended = until(watch, (now) => now.problems.length === 0);
    here.write('a.yaml', drillText('a', '2d'));
    expect(uptimes(await mended)).toEqual({ a: 2 });
    expect(watch.current().stale).toEqual([]);
  });

  test('a drill that was renamed does not live on under its old name because another is broken', async () => {
    using here = folder({ 'a.yaml': `${drillText('a')}---\n${drillText('b')}` });
    await using watch = watching(here);
    const changed = until(watch, (now) => now.problems.length > 0);
    here.write('a.yaml', `${drillText('new')}---\n${drillText('b', 'soon')}`);
    expect(uptimes(await changed)).toEqual({ b: 7, new: 7 });
  });

  test('a copy under the same name leaves the one that was there in force', async () => {
    using here = folder({ 'm.yaml': drillText('a') });
    await using watch = watching(here);
    const copied = until(watch, (now) => now.problems.length > 0);
    here.write('copy.yaml', drillText('a', '1d'));
    expect(uptimes(await copied)).toEqual({ a: 7 });
    expect(watch.current().stale).toEqual(['a']);
    expect(watch.current().drills[0]?.source.file).toBe('m.yaml');

    const moved = until(watch, (now) => now.problems.length === 0);
    rmSync(here.at('m.yaml'));
    expect(uptimes(await moved)).toEqual({ a: 1 });
  });

  test('an editor that writes another file and renames it is seen as one edit', async () => {
    using here = folder({ 'a.yaml': drillText('a') });
    await using watch = watching(here);
    const seen: WatchedCatalogue[] = [];
    watch.onChange((catalogue) => seen.push(catalogue));
    const edited = until(watch, (now) => uptimes(now).a === 3);
    renameSync(here.at('a.yaml'), here.at('a.yaml~'));
    here.write('.a.yaml.swp', drillText('a', '3d'));
    renameSync(here.at('.a.yaml.swp'), here.at('a.yaml'));
    await edited;
    expect(seen.every((catalogue) => catalogue.drills.length === 1 && catalogue.problems.length === 0)).toBe(true);
  });

  test('a file is not read while it is being written', async () => {
    using here = folder({ 'a.yaml': drillText('a') });
    await using watch = watching(here, { settleMs: 250 });
    const seen: WatchedCatalogue[] = [];
    watch.onChange((catalogue) => seen.push(catalogue));
    const edited = until(watch, (now) => uptimes(now).a === 3);
    const file = openSync(here.at('a.yaml'), 'w');
    for (const letter of drillText('a', '3d').match(/[\s\S]{1,8}/g) ?? []) {
      writeSync(file, letter);
      await sleep(50);
    }
    closeSync(file);
    await edited;
    expect(seen).toHaveLength(1);
  });

  test('the poll finds what is changed within one size and with its old time put back', async () => {
    using here = folder({ 'a.yaml': drillText('a', '7d') });
    await using watch = watching(here);
    const edited = until(watch, (now) => uptimes(now).a === 3);
    const old = new Date('2020-01-01');
    writeFileSync(here.at('a.yaml'), drillText('a', '3d'));
    utimesSync(here.at('a.yaml'), old, old);
    await edited;
  });

  test('a folder that comes later is watched from then on', async () => {
    using here = folder();
    rmSync(here.path, { recursive: true });
    await using watch = watching(here);
    expect(watch.current().problems[0]?.message).toMatch(/the folder does not exist$/);
    const came = until(watch, (now) => now.drills.length === 1);
    mkdirSync(here.path);
    here.write('a.yaml', drillText('a'));
    expect((await came).problems).toEqual([]);
    const edited = until(watch, (now) => now.drills.length === 2);
    appendFileSync(here.at('a.yaml'), `---\n${drillText('b')}`);
    await edited;
  });

  test('nothing is told after it has stopped, and to stop twice is fine', async () => {
    using here = folder({ 'a.yaml': drillText('a') });
    const watch = watching(here, { pollMs: 20, settleMs: 5 });
    let told = 0;
    watch.onChange(() => told++);
    await watch.stop();
    here.write('a.yaml', drillText('a', '3d'));
    await sleep(100);
    expect(told).toBe(0);
    expect(uptimes(watch.current())).toEqual({ a: 7 });
    await watch.stop();
  });

  test('without word from the kernel the poll alone finds an edit', async () => {
    using elsewhere = folder({ 'real.yaml': drillText('a') });
    using here = folder();
    symlinkSync(elsewhere.at('real.yaml'), here.at('a.yaml'));
    await using watch = watching(here, { pollMs: 50, settleMs: 10 });
    const edited = until(watch, (now) => uptimes(now).a === 3);
    elsewhere.write('real.yaml', drillText('a', '3d'));
    await edited;
  });

  test('word from the kernel comes long before the poll', async () => {
    using here = folder({ 'a.yaml': drillText('a') });
    await using watch = watching(here, { pollMs: 600_000, settleMs: 10 });
    const edited = until(watch, (now) => uptimes(now).a === 3);
    here.write('a.yaml', drillText('a', '3d'));
    await edited;
  });
});
