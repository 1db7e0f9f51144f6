import { copyFileSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { openAudit, verifyAudit } from '../../src/access/audit.ts';
import { systemClock } from '../../src/clock.ts';
import { openStore } from '../../src/store/open.ts';
import { runProgram } from './programs/run-program.ts';
import { newRun, tempFolder } from './support.ts';

/** As docs/operating.md says it: stop, put the copy in the place of the database, take what is left of the old one away, start. */
function restore(backup: string, path: string): void {
  for (const suffix of ['', '-wal', '-shm']) rmSync(`${path}${suffix}`, { force: true });
  copyFileSync(backup, path);
}

test('a copy taken while another process writes is whole, that process goes on, and the copy takes its place', async () => {
  const folder = tempFolder();
  const path = join(folder, 'pitwall.db');
  {
    // enough that a copy takes a while
    const store = openStore({ path, clock: systemClock });
    const run = newRun({ processId: store.processes.register('command').id, drill: 'before' });
    store.runs.open(run);
    store.atOnce(() => {
      for (let i = 0; i < 6_000; i++) store.events.add(run.id, 'fill', null, 'x'.repeat(1_500));
    });
    store.runs.end(run.id, { verdict: 'passed', reason: '', exitCode: 0, residue: [] });
    openAudit(store).record({ who: 'ana', role: 'local', act: 'halt', object: null, source: 'test', data: null });
    store.close();
  }
  const writer = runProgram(new URL('programs/writer.ts', import.meta.url), [path]);
  await writer.printed(20);
  const store = openStore({ path, clock: systemClock });
  const copies = ['one.db', 'two.db'].map((name) => join(folder, name));
  const written: number[] = [writer.lines.length];
  for (const copy of copies) {
    await store.backup(copy);
    written.push(writer.lines.length);
    await writer.printed(writer.lines.length + 10);
  }
  const after = store.events.lastRowId();
  store.close();
  writer.kill();
  await writer.ended;
  // nobody stood still for a copy's sake, and nobody failed
  expect(written).toEqual(written.toSorted((a, b) => a - b));
  const [one = '', two = ''] = copies;
  const lastIn = (file: string) => {
    const db = new Database(file, { readonly: true });
    try {
      expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
      expect(db.pragma('foreign_key_check')).toEqual([]);
      return (db.prepare('SELECT max(id) AS id FROM events').get() as { id: number }).id;
    } finally {
      db.close();
    }
  };
  expect(lastIn(one)).toBeLessThan(lastIn(two));
  expect(lastIn(two)).toBeLessThanOrEqual(after);

  // killed as it was, it left a log beside the database that is not the copy's
  expect(existsSync(`${path}-wal`)).toBe(true);
  restore(one, path);
  const restored = openStore({ path, clock: systemClock, create: false });
  try {
    expect(restored.events.lastRowId()).toBe(lastIn(one));
    expect(verifyAudit(restored)).toMatchObject({ ok: true, rows: 1 });
    expect(restored.runs.list().find(({ drill }) => drill === 'before')?.verdict).toBe('passed');
    const run = newRun({ processId: restored.processes.register('serve').id });
    restored.runs.open(run);
    expect(restored.runs.unended().map(({ drill }) => drill)).toEqual([run.drill, 'killed']);
  } finally {
    restored.close();
  }
});
