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
      period: { n: 2, least: 2_000, most: 40_000, mean: 21_000, judged: 2, missed: 1 },
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

describe('what held', () => {
  const holds = finding({ state: 'holds' });
  const on = (days: number, { clock, deps }: ReturnType<typeof reportLab>) => {
    clock.set(at + days * dayMs);
    return makeReport(period('2026-11-01', '2027-06-30'), files, at + days * dayMs, deps);
  };
  const line = (text: string | undefined, word: string) =>
    text?.split('\n').find((one) => one.includes(word) && one.includes('| PRV-04 |'));

  test('says its age once it is older than its cadence, and is nothing proven once it has expired', () => {
    const lab = reportLab();
    lab.save(ran(1, { verdict: 'passed', findings: [holds] }));
    const young = on(0, lab);
    expect(young.report.held).toMatchObject([{ item: 'PRV-04', ageing: false }]);
    const expiry = Date.parse(young.report.held[0]?.expiresAt ?? '');
    const lifetime = (expiry - at) / dayMs;
    const ageing = on(Math.floor(lifetime) - 1, lab);
    expect(ageing.report.held).toMatchObject([{ item: 'PRV-04', ageing: true }]);
    expect(line(ageing.files.get('report.md'), 'holds, ageing')).toContain(`${Math.floor(lifetime) - 1} days ago`);
    const old = on(Math.ceil(lifetime), lab);
    expect([old.report.held, old.report.problems]).toEqual([[], []]);
    expect(old.report.expired).toMatchObject([{ item: 'PRV-04', subjects: ['web'], at: ran(1).endedAt, command: 'pitwall run sandbox' }]);
    expect(old.report.findings).toMatchObject([{ state: 'holds', expired: true }]);
    expect(old.report.inShort.join(' ')).toContain('0 questions are answered with “holds”; 1 more was, too long ago to prove anything');
    for (const file of ['report.html', 'report.md'] as const) {
      expect(old.files.get(file)).toContain('Not sure any more: practise again');
      expect(old.files.get(file)).not.toContain('✔ holds');
    }
    expect(old.files.get('report.md')).toContain('0 hold, 0 broken, 0 not known, 2 expired');
    expect(line(old.files.get('report.md'), 'expired')).toMatch(/\? expired \|.*days ago.*pitwall run sandbox/);
  });

  test('and was broken since stays broken, however long ago; a value that was met is not met for ever', () => {
    const lab = reportLab();
    lab.save(ran(1));
    lab.save(ran(1, { ...recycle, verdict: 'passed', measurements: [time(2_000)] }));
    const { report, files: made } = on(1_000, lab);
    expect(report.problems.map(({ item, state }) => [item, state])).toEqual([['PRV-04', 'broken']]);
    expect(report.expired.map(({ item, command }) => [item, command])).toEqual([['time_to_healthy', 'pitwall run recycle']]);
    expect(made.get('report.md')).toContain('? met, too long ago');
  });
});

test('what was left behind is told whatever the run came to, of a service only by runs on it, and not any more once it was put right', () => {
  const { save, clock, deps } = reportLab();
  const left = (n: number, parts: Partial<RunRecord>) =>
    ran(n, { findings: [], targets: [target('shop-web-1', 'web')], residue: [`network of ${n} left cut`], ...parts });
  const aborted = left(3, { verdict: 'aborted', drill: 'one' });
  save(aborted);
  save(left(2, { verdict: 'error', drill: 'two', targets: [target('shop-db-1', 'db')], findings: [finding({ target: 'shop-db-1' })] }));
  save(left(1, { verdict: 'failed', drill: 'three' }));
  clock.set(at);
  const residue = (scope: Parameters<typeof makeReport>[0]) => {
    const { report } = makeReport(scope, ['md'], at, deps);
    return report.residue.map(({ sentence }) => sentence);
  };
  const days = period('2026-11-01', '2026-11-22');
  expect(residue(days)).toEqual(['network of 1 left cut', 'network of 2 left cut', 'network of 3 left cut']);
  expect(residue({ ...days, type: 'service', service: 'db' })).toEqual(['network of 2 left cut']);
  deps.store.runs.setResidue(aborted.id, []);
  expect(residue(days)).toEqual(['network of 1 left cut', 'network of 2 left cut']);
  expect(makeReport(days, ['md'], at, deps).report.inShort.join(' ')).toContain('2 things were left behind by drills');
});

test('the method says when what is broken is mended, as the fold does it', () => {
  const { save, clock, deps } = reportLab();
  save(ran(3));
  clock.set(at);
  const mended = () => makeReport(period('2026-11-01', '2026-11-22'), ['md'], at, deps).report.problems.length === 0;
  save(
    ran(2, { verdict: 'passed', targets: [target('shop-web-9', 'web')], findings: [finding({ target: 'shop-web-9', state: 'holds' })] }),
  );
  expect(mended()).toBe(true);
  const { report } = makeReport(period('2026-11-01', '2026-11-22'), ['md'], at, deps);
  expect(report.method[0]?.how).toContain(
    'until the same probe holds on the same containers, or, when those are gone, on others of the same service',
  );
});

test('a waiver is shown with its reason, its owner and its last day', () => {
  const { save, clock, deps } = reportLab();
  save(
    ran(1, {
      verdict: 'passed',
      findings: [
        finding({
          waivedUntil: '2026-12-01T00:00:00.000Z',
          evidence: 'waived until 2026-11-30 by operations: vendor fix due. unshare answered 0',
        }),
      ],
    }),
  );
  clock.set(at);
  const { files: made } = makeReport(period('2026-11-01', '2026-11-22'), files, at, deps);
  for (const name of ['report.html', 'report.md'] as const) {
    const accepted = made.get(name)?.split('Known, and accepted for a time').at(-1);
    for (const text of ['operations', 'vendor fix due', '2026-11-30']) expect(accepted).toContain(text);
  }
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
