import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ownLabels } from '../../src/container/own.ts';
import { newSecret } from '../../src/domain/secret.ts';
import { type Lab, openLab } from '../helper/lab.ts';
import { type Hidden, watchFor, whereIsItAt } from '../support/secrets.ts';

let lab: Lab;
let home: string;
beforeAll(async () => {
  lab = await openLab('hygiene');
  home = mkdtempSync(join(tmpdir(), 'pitwall-test-'));
});
afterAll(async () => {
  rmSync(home, { recursive: true });
  await lab.close();
});

const hidden = (what: string): Hidden => ({ what, value: `${newSecret().reveal()}"ü` });
const base64 = (text: string) => Buffer.from(text).toString('base64');

test('in the home: the database and what is not yet in it, logs, reports, what is compressed, names', async () => {
  const values = ['row', 'log', 'report', 'packed', 'name', 'artifact', 'nowhere'].map(hidden);
  const [row, log, report, packed, name, artifact] = values.map(({ value }) => value) as [string, string, string, string, string, string];
  const database = new Database(join(home, 'pitwall.db'));
  database.pragma('journal_mode = WAL');
  database.exec('CREATE TABLE events (message TEXT)');
  database.exec('CREATE TABLE artifacts (content BLOB)');
  database.pragma('wal_checkpoint(TRUNCATE)');
  database.prepare('INSERT INTO artifacts VALUES (?)').run(gzipSync(JSON.stringify({ curve: [artifact] })));
  database.prepare('INSERT INTO events VALUES (?)').run(JSON.stringify({ message: row }));
  mkdirSync(join(home, 'reports'));
  appendFileSync(join(home, 'pitwall.log'), `GET /?password=${encodeURIComponent(log)}\n`);
  writeFileSync(join(home, 'reports', 'one.html'), `data:text/plain;base64,${base64(`app:${report}.`)}`);
  writeFileSync(join(home, 'reports', 'two.gz'), gzipSync(packed));
  writeFileSync(join(home, 'reports', base64(name).replaceAll('/', '_')), '');
  expect(await whereIsItAt(values, { home })).toEqual([
    'artifact: table artifacts of pitwall.db of the home',
    'log: pitwall.log of the home',
    'name: the name of a file of the home',
    'packed: reports/two.gz of the home',
    'report: reports/one.html of the home',
    'row: pitwall.db-wal of the home',
    'row: table events of pitwall.db of the home',
  ]);
  database.close();
  expect(await whereIsItAt(values, { home })).toContain('row: pitwall.db of the home');
});

test('in what was printed, in containers of Pitwall and their logs, and in no others', async () => {
  const values = ['printed', 'variable', 'line', 'anybody'].map(hidden);
  const [printed, variable, line, anybody] = values.map(({ value }) => value) as [string, string, string, string];
  const own = { runId: '01JD00000000000000000000HY', role: 'prober', instance: lab.instance, expiresAt: Date.now() + 60_000 };
  const ours = await lab.run('ours', { Labels: ownLabels(own), Env: [`PASSWORD=${variable}`] });
  const theirs = await lab.run('theirs', { Env: [`PASSWORD=${anybody}`] });
  try {
    await lab.engine.exec(ours, ['sh', '-c', 'cat > /proc/1/fd/1'], { stdin: `${line}\n` });
    const at = { engine: lab.engine, printed: () => ({ run: `error: ${JSON.stringify({ printed })}` }) };
    expect(await whereIsItAt(values, at)).toEqual([
      'line: the log of a container of role prober',
      'printed: what run printed',
      'variable: what inspect says of a container of role prober',
    ]);
  } finally {
    await lab.engine.remove(ours, { force: true });
    await lab.engine.remove(theirs, { force: true });
  }
});

test('what lives for a moment while it watches: arguments, environments, commands run in containers, files', async () => {
  const values: Hidden[] = [hidden('nowhere')];
  const id = await lab.run('target');
  const watch = watchFor(() => values, { home, engine: lab.engine, processes: true });
  const [argument, variable, command, file] = ['argument', 'variable', 'command', 'file'].map(hidden) as [Hidden, Hidden, Hidden, Hidden];
  values.push(argument, variable, command, file);
  const child = spawn('sleep', ['60'], { argv0: `x${argument.value}`, env: { PASSWORD: variable.value } });
  writeFileSync(join(home, 'moment'), file.value);
  await lab.engine.exec(id, ['true', command.value]);
  await sleep(1_000);
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
  rmSync(join(home, 'moment'));
  expect(await whereIsItAt(values, { home, processes: true })).toEqual([]);
  const { places, looks } = await watch.stop();
  expect(places).toEqual([
    'argument: arguments of sleep',
    'command: an event of the engine',
    'file: moment of the home',
    'variable: environment PASSWORD of sleep',
  ]);
  expect(looks).toBeGreaterThan(3);
  expect(JSON.stringify(places)).not.toContain(argument.value.slice(0, 20));
});

test('it fails where it could find nothing', async () => {
  await expect(whereIsItAt([], { home })).rejects.toThrow('nothing to look for');
  await expect(whereIsItAt([hidden('x')], {})).rejects.toThrow('nothing to look at');
  await expect(whereIsItAt([{ what: 'short', value: '1234567' }], { home })).rejects.toThrow('under 8 characters');
  await expect(whereIsItAt([hidden('x')], { home: join(home, 'none') })).rejects.toThrow('to look into');
});
