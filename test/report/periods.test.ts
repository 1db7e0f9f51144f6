import { ulid } from 'ulid';
import { describe, expect, test } from 'vitest';
import type { RunRecord } from '../../src/domain/words.ts';
import type { ReportDeps } from '../../src/report/deps.ts';
import { formats } from '../../src/report/formats.ts';
import { makeReport } from '../../src/report/make.ts';
import { reportSchema } from '../../src/report/schema.ts';
import { finding, record, target } from '../../src/report/testkit.ts';
import { reportLab } from './lab.ts';

const dayMs = 86_400_000;
const at = Date.parse('2026-11-22T12:00:00Z');
const period = (from: string, to: string) => ({ type: 'period', from, to }) as const;
const files = formats.filter((format) => format !== 'chaostoolkit');

/** A run so many days before the report. */
function ran(daysAgo: number, parts: Partial<RunRecord> = {}): RunRecord {
  const startedAt = at - daysAgo * dayMs;
  return record({
    id: ulid(startedAt),
    startedAt: new Date(startedAt).toISOString(),
    endedAt: new Date(startedAt + 1_000).toISOString(),
    ...parts,
  });
}
const time = (value: number) =>
  ({ name: 'time_to_healthy', target: 'shop-web-1', value, unit: 'ms', objective: { max: 30_000 }, met: value <= 30_000 }) as const;
const recycle = { drill: 'recycle', kind: 'reverse-uptime', findings: [] } as const;

describe('some days', () => {
  test('count all that ended in them and show what did not pass; the standing is that of the newest runs', () => {
    const { save, clock, deps } = reportLab();
    save(ran(40, { reason: 'too long ago' }));
    save(ran(9, { findings: [finding(), finding({ probe: 'PRV-01', title: 'Capabilities are few', state: 'holds' })] }));
    save(ran(5, { ...recycle, verdict: 'failed', reason: 'time_to_healthy of shop-web-1 was 40 s', measurements: [time(40_000)] }));
    save(ran(2, { ...recycle, verdict: 'passed', reason: '1 recycled', measurements: [time(2_000)] }));
    clock.set(at);
    const { report } = makeReport(period('2026-11-01', '2026-11-22'), files, at, deps);
    expect(reportSchema.parse(report)).toEqual(report);
    expect(report.practised.map(({ drill, runs, verdicts }) => [drill, runs, verdicts])).toEqual([
      ['sandbox', 1, [{ verdict: 'failed', n: 1 }]],
      [
        'recycle',
        2,
        [
          { verdict: 'passed', n: 1 },
          { verdict: 'failed', n: 1 },
        ],
      ],
    ]);
    expect(report.runs.map(({ drill, verdict }) => [drill, verdict])).toEqual([
      ['recycle', 'failed'],
      ['sandbox', 'failed'],
    ]);
    // what was too slow and is not any more is no problem; what is broken since long ago is one since long ago
    expect(report.problems.map(({ item, since, evidence }) => [item, since, evidence])).toEqual([
      ['PRV-04', ran(40).endedAt, 'unshare answered 0'],
    ]);
    expect(report.held.map(({ item }) => item)).toEqual(['PRV-01', 'time_to_healthy']);
    expect(report.measurements[0]).toMatchObject({
      value: 2_000,
      met: true,
      period: { n: 2, least: 2_000, most: 40_000, mean: 21_000, missed: 1 },
    });
    expect(report.notTested.map(({ what }) => what)).toContain('Drills of the kind detection');
    expect(report.scorecard?.grade).toMatch(/^[A-F]/);
    expect(report.inShort[0]).toBe('From 2026-11-01 to 2026-11-22 3 runs of 2 drills ended: 1 passed, 2 failed.');
  });

  test('that are over say that the standing is of now, and days without runs that nothing was practised', () => {
    const { save, clock, deps } = reportLab();
    save(ran(3));
    clock.set(at);
    const { report } = makeReport(period('2026-10-01', '2026-10-31'), ['html'], at, deps);
    expect(report.inShort[0]).toBe('From 2026-10-01 to 2026-10-31 no drill ended: nothing was practised.');
    expect(report.inShort.at(-1)).toContain('not as it stood on 2026-10-31');
  });

  test('a waiver counts up to its last day, and not on the next', () => {
    const { save, clock, deps } = reportLab();
    // as drills write it: the instant at which it is over
    save(ran(9, { verdict: 'passed', findings: [finding({ waivedUntil: '2026-11-23T00:00:00.000Z' })] }));
    clock.set(at);
    const on = (day: string) => makeReport(period('2026-11-01', '2026-11-22'), ['md'], Date.parse(`${day}T12:00:00Z`), deps);
    expect(on('2026-11-22').report.waived.map(({ item }) => item)).toEqual(['PRV-04']);
    expect(on('2026-11-22').files.get('report.md')).toContain('up to and with 2026-11-22');
    expect(on('2026-11-23').report.waived).toEqual([]);
    expect(on('2026-11-23').report.problems.map(({ item }) => item)).toEqual(['PRV-04']);
  });
});

test('a service: what is known of it alone, and what was never asked of it', () => {
  const { save, clock, deps } = reportLab();
  save(ran(3, { findings: [finding(), finding({ target: 'shop-db-1', probe: 'FS-02', title: 'Nothing that is written can be run' })] }));
  clock.set(at);
  const { report } = makeReport({ type: 'service', service: 'db', from: '2026-11-01', to: '2026-11-22' }, files, at, deps);
  expect(report.problems.map(({ item, subject }) => [item, subject])).toEqual([['FS-02', 'db']]);
  expect(report.notTested.map(({ why }) => why).join()).toContain('never practised on db');
  expect(report.runs.length).toBe(1);
  expect(() => makeReport({ type: 'service', service: 'nobody', from: '2026-11-01', to: '2026-11-22' }, files, at, deps)).toThrow(
    'nothing was ever asked of a service "nobody"',
  );
});

test('of many runs few are read, whatever there is; what is left out is counted', () => {
  const { save, clock, deps } = reportLab();
  for (let n = 0; n < 105; n++) {
    const name = `s${n}`;
    save(
      ran(3 - n / 1_000, {
        drill: `drill-${n}`,
        targets: [target(name, name)],
        findings: [finding({ target: name, title: `about ${n}` })],
      }),
    );
  }
  clock.set(at);
  const read = { records: 0, rows: 0 };
  const counting: ReportDeps = {
    ...deps,
    store: {
      ...deps.store,
      runs: {
        ...deps.store.runs,
        record: (id) => {
          read.records++;
          return deps.store.runs.record(id);
        },
        list: (filter) => {
          const rows = deps.store.runs.list(filter);
          read.rows += rows.length;
          return rows;
        },
      },
    },
  };
  const { report, files: made } = makeReport(period('2026-11-01', '2026-11-22'), files, at, counting);
  expect(read.records).toBeLessThanOrEqual(60);
  expect(read.rows).toBe(100);
  expect([report.runs.length, report.runsLeftOut, report.problems.length, report.problemsLeftOut]).toEqual([100, 5, 100, 5]);
  // what is past the limit has no evidence here, and still its row
  expect(report.findings.length).toBe(105);
  expect(made.get('report.html')).toContain('… and 5 more');
  expect(made.get('report.md')).toContain('5 more are not shown here');
});
