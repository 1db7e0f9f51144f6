import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { listReports, readReport, shelve, writeReport } from '../../src/report/library.ts';
import { type Made, makeReport, makeReportInTurns } from '../../src/report/make.ts';
import { record } from '../../src/report/testkit.ts';
import { tempFolder } from '../store/support.ts';
import { reportLab } from './lab.ts';

function listed(library: string) {
  return listReports(library, { limit: 100 }).reports;
}

function made(at: string): Made {
  const lab = reportLab();
  lab.save(record());
  return makeReport({ type: 'run', run: record().id }, ['html', 'json'], Date.parse(at), lab.deps);
}

test('reports lie beside each other, the newest first; two of one second too', () => {
  const library = join(tempFolder(), 'not', 'yet');
  expect(listed(library)).toEqual([]);
  const old = shelve(library, made('2026-11-22T10:00:00Z'));
  const ids = [shelve(library, made('2026-11-22T10:00:01Z')), shelve(library, made('2026-11-22T10:00:01Z'))];
  expect(ids).toEqual([
    `report-run-${record().id.toLowerCase()}-20261122-100001`,
    `report-run-${record().id.toLowerCase()}-20261122-100001-2`,
  ]);
  expect(listed(library).map(({ id }) => id)).toEqual([...ids, old]);
  expect(listed(library)[0]).toMatchObject({ title: 'sandbox, 2026-11-22 04:03:48 UTC', files: ['report.html', 'report.json'] });
});

test('while one is made, others have their turn between its steps', async () => {
  const lab = reportLab();
  lab.save(record());
  const at = Date.parse('2026-11-22T10:00:00Z');
  const wanted = ['html', 'md', 'json', 'csv'] as const;
  const scope = { type: 'run', run: record().id } as const;
  const period = { type: 'period', from: '2026-11-01', to: '2026-11-22' } as const;
  let turns = 0;
  let isMade = false;
  const other = () => {
    turns += 1;
    if (!isMade) setImmediate(other);
  };
  setImmediate(other);
  const inTurns = await makeReportInTurns(scope, wanted, at, lab.deps);
  expect(turns).toBeGreaterThanOrEqual(wanted.length);
  turns = 0;
  // of days it is the reckoning that takes long
  const ofDays = await makeReportInTurns(period, wanted, at, lab.deps);
  isMade = true;
  expect(turns).toBeGreaterThanOrEqual(wanted.length + 3);
  expect(ofDays).toEqual(makeReport(period, wanted, at, lab.deps));
  expect(inTurns).toEqual(makeReport(scope, wanted, at, lab.deps));
});

test('a page opens what it shows and no more, and the pages together are all', () => {
  const library = tempFolder();
  const ids = Array.from({ length: 5 }, (_, n) => shelve(library, made(`2026-11-22T10:00:0${n}Z`))).toReversed();
  for (const id of ids) rmSync(join(library, id, 'report.json'));
  // whoever opens one that is not on the page fails
  const hidden = ids.slice(2).map((id) => join(library, id, 'meta.json'));
  for (const path of hidden) {
    renameSync(path, `${path}.kept`);
    mkdirSync(path);
  }
  const first = listReports(library, { limit: 2 });
  expect([first.reports.map(({ id, title }) => [id, title]), first.next]).toEqual([
    ids.slice(0, 2).map((id) => [id, 'sandbox, 2026-11-22 04:03:48 UTC']),
    ids[1],
  ]);
  expect(() => listReports(library, { limit: 3 })).toThrow('EISDIR');
  for (const path of hidden) {
    rmdirSync(path);
    renameSync(`${path}.kept`, path);
  }
  rmSync(join(library, ids[1] ?? ''), { recursive: true });
  const second = listReports(library, { limit: 2, before: first.next ?? '' });
  const third = listReports(library, { limit: 2, before: second.next ?? '' });
  expect([...second.reports, ...third.reports].map(({ id }) => id)).toEqual(ids.slice(2));
  expect(third.next).toBeNull();
});

test.each([null, '', '{', '{"title":3,"at":"x"}', '[]'])('a heading that is missing or broken (%j) is read from the report', (text) => {
  const library = tempFolder();
  const id = shelve(library, made('2026-11-22T10:00:00Z'));
  const path = join(library, id, 'meta.json');
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({
    title: 'sandbox, 2026-11-22 04:03:48 UTC',
    at: '2026-11-22T10:00:00.000Z',
    scope: { type: 'run', run: record().id },
    formats: ['report.html', 'report.json'],
  });
  if (text === null) rmSync(path);
  else writeFileSync(path, text);
  expect(listed(library)).toMatchObject([{ id, title: 'sandbox, 2026-11-22 04:03:48 UTC', at: '2026-11-22T10:00:00.000Z' }]);
});

test('what is no report is none, however it is called', () => {
  const library = tempFolder();
  mkdirSync(join(library, 'report-empty'));
  mkdirSync(join(library, 'something'));
  writeFileSync(join(library, 'report-file'), '');
  writeFileSync(join(library, 'report.html'), 'secret');
  mkdirSync(join(library, 'report-broken'));
  writeFileSync(join(library, 'report-broken', 'report.json'), '{');
  expect(listed(library)).toEqual([{ id: 'report-broken', title: null, at: null, files: ['report.json'] }]);
  for (const id of ['..', '.', '', 'report-x/..', '../library', 'report-file', 'report-nobody', 'REPORT-empty'])
    expect(readReport(library, id, 'report.html')).toBeNull();
});

test('a file is replaced whole, a link is not followed, and nothing else is touched', () => {
  const folder = tempFolder();
  const elsewhere = join(tempFolder(), 'elsewhere');
  writeFileSync(elsewhere, 'kept');
  symlinkSync(elsewhere, join(folder, 'report.html'));
  writeFileSync(join(folder, 'notes.txt'), 'mine');
  writeReport(folder, made('2026-11-22T10:00:00Z'));
  expect(readFileSync(elsewhere, 'utf8')).toBe('kept');
  expect(readFileSync(join(folder, 'report.html'), 'utf8')).toMatch(/^<!doctype html>/);
  expect(readdirSync(folder).toSorted()).toEqual(['notes.txt', 'report.html', 'report.json']);
});

test('a folder that cannot be one is said, by its path', () => {
  const file = join(tempFolder(), 'file');
  writeFileSync(file, '');
  expect(() => writeReport(join(file, 'r'), made('2026-11-22T10:00:00Z'))).toThrow(`${join(file, 'r')} could not be written`);
  expect(existsSync(join(file, 'r'))).toBe(false);
});
