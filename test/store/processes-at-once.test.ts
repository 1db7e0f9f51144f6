import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, it, onTestFinished } from 'vitest';
import { openStore } from '../../src/store/open.ts';
import { runProgram } from './programs/run-program.ts';
import { fakeClock, tempFolder } from './support.ts';

const program = (name: string) => new URL(`./programs/${name}.ts`, import.meta.url);

it.each([40, 401, 1003])('has after a SIGKILL all that was said to be durable (line %d)', async (line) => {
  const path = join(tempFolder(), 'p.db');
  const writer = runProgram(program('writer'), [path]);
  await writer.printed(line);
  writer.kill();
  expect(await writer.ended).toBe('SIGKILL');

  const store = openStore({ path, clock: fakeClock(), create: false });
  onTestFinished(() => store.close());
  const said = (word: string) => writer.lines.filter((text) => text.startsWith(`${word} `)).map((text) => text.slice(word.length + 1));
  expect(said('instance')).toEqual([store.instanceId]);
  expect(store.processes.isAlive(Number(said('process')[0]))).toBe(false);
  const [run] = store.runs.unended();
  expect(run).toMatchObject({ drill: 'killed', verdict: null });

  const openSaid = said('open')
    .filter((id) => !said('done').includes(id))
    .map(Number);
  const found = store.journal.openChanges().map((change) => change.id);
  // What it did last may have been done and not been said.
  const unsaid = new Set([...openSaid, ...found].filter((id) => !(openSaid.includes(id) && found.includes(id))));
  expect(unsaid.size).toBeLessThanOrEqual(1);
  for (const id of said('step').map(Number)) expect(store.journal.steps(id)).toMatchObject([{ name: 'stop' }]);
  const events = store.events.list(run?.id ?? '');
  expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index + 1));
  expect(events.length - said('event').length).toBeGreaterThanOrEqual(0);
  expect(events.length - said('event').length).toBeLessThanOrEqual(1);
  const db = new Database(path);
  onTestFinished(() => void db.close());
  expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
});

it('lets six processes open a new database at once', async () => {
  const folder = tempFolder();
  const gate = join(folder, 'gate');
  const openers = Array.from({ length: 6 }, () => runProgram(program('opener'), [join(folder, 'home', 'p.db'), gate]));
  await Promise.all(openers.map((opener) => opener.printed(1)));
  writeFileSync(gate, '');
  expect(await Promise.all(openers.map((opener) => opener.ended))).toEqual([0, 0, 0, 0, 0, 0]);
  expect(new Set(openers.map((opener) => opener.lines[1])).size).toBe(1);
});
