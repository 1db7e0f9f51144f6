import fc from 'fast-check';
import { ulid } from 'ulid';
import { expect, test } from 'vitest';
import type { RunRecord } from '../../src/domain/words.ts';
import { chaosToolkitJournal } from '../../src/report/formats/chaostoolkit.ts';
import { type Format, formats, type ReportFile } from '../../src/report/formats.ts';
import { makeReport } from '../../src/report/make.ts';
import { reportSchema } from '../../src/report/schema.ts';
import { finding, hostileRecord, record, target } from '../../src/report/testkit.ts';
import { reportLab } from './lab.ts';

const at = Date.parse('2026-11-23T00:00:00Z');
const all: readonly Format[] = formats.filter((format) => format !== 'chaostoolkit');

function filesOf(run: RunRecord, wanted: readonly Format[] = formats, lab = reportLab()): ReadonlyMap<ReportFile, string> {
  lab.save(run);
  return makeReport({ type: 'run', run: run.id }, wanted, at, lab.deps).files;
}

/** What drives a terminal, turns the direction of writing, or hides. */
const acting = /[^\P{Cc}\n\t\r]|\p{Bidi_Control}|\p{Cf}|\p{Cs}/u;
/** Tags with the names of their attributes, in order: what a browser would build, without any text. */
const tagsOf = (html: string) =>
  [...html.matchAll(/<(\/?[a-z][a-z0-9]*)((?:\s[a-z-]+="[^"<>]*")*)\s*\/?>/gi)].map(([, name, attributes = '']) =>
    [name, ...[...attributes.matchAll(/\s([a-z-]+)=/gi)].map(([, key]) => key)].join(' '),
  );

test('nothing acts in any file, and what was hidden is seen', () => {
  for (const [name, text] of filesOf(hostileRecord())) {
    expect(text.match(acting), name).toBeNull();
    if (name.endsWith('.csv')) expect(text).not.toMatch(/\t/);
  }
  const html = filesOf(hostileRecord()).get('report.html') ?? '';
  expect(html).toContain('‹U+202E›');
  expect(html).toContain('␛');
});

test('the HTML has the same elements whatever it tells of, asks for nothing, and has no script', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }),
    fc.constantFrom(
      '<img src=x onerror=alert(1)>',
      '</pre></style><script>',
      '"><a href="javascript:x">',
      '<!--',
      '&lt;b&gt;',
      ']]>',
      '<style>*{}',
    ),
  );
  const run = (title: string, evidence: string, name: string) =>
    record({
      reason: `${name}: broken`,
      targets: [target(name, null)],
      findings: [finding({ title, evidence, target: name }), finding({ state: 'holds', probe: 'X', title: evidence, target: name })],
    });
  const lab = reportLab();
  const plain = filesOf(run('title', 'evidence', 'name'), ['html'], lab).get('report.html') ?? '';
  expect(tagsOf(plain).length).toBeGreaterThan(60);
  fc.assert(
    fc.property(text, text, text, (title, evidence, name) => {
      const html = filesOf({ ...run(title, evidence, name), id: ulid() }, ['html'], lab).get('report.html') ?? '';
      expect(tagsOf(html)).toEqual(tagsOf(plain));
      // every < begins one of these tags, or the document
      expect(html.replace(/<style>.*<\/style>/s, '').match(/<(?!\/?[a-z]|!doctype html>)/i)).toBeNull();
    }),
    { numRuns: 25 },
  );
  expect(plain).not.toMatch(/<script|<link|<img|<iframe|\son\w+=|\sstyle=|url\(|@import|https?:/i);
  expect(plain).toMatch(/http-equiv="content-security-policy" content="default-src 'none'; style-src 'sha256-[^']+'/);
});

test('Markdown has no tag at all', () => {
  expect(filesOf(hostileRecord()).get('report.md')).not.toMatch(/</);
});

test('the same run and instant give the same bytes, and another instant differs in nothing else', () => {
  const lab = reportLab();
  lab.save(hostileRecord());
  const make = (when: number) =>
    [...makeReport({ type: 'run', run: hostileRecord().id }, formats, when, lab.deps).files].map(([name, text]) => [name, text]);
  expect(make(at)).toEqual(make(at));
  const without = (when: number) => JSON.stringify(make(when)).replaceAll(/2026-11-2[34]T\d\d:\d\d:00\.000Z|2026112[34]-\d{6}/g, '');
  expect(without(at + 3_600_000)).toBe(without(at));
});

test('the JSON is as its schema says, and reads as it was found', () => {
  const json = JSON.parse(filesOf(hostileRecord()).get('report.json') ?? '') as unknown;
  const report = reportSchema.parse(json);
  const name = hostileRecord().targets[2]?.name ?? '';
  // SQLite keeps no half of a pair
  expect(report.problems.map(({ subject }) => subject)).toContainEqual(expect.stringContaining(name.replace(/\p{Cs}/u, '')));
  expect(report.problems.map(({ state, severity, item }) => `${state} ${severity} ${item}`)).toEqual([
    'inconclusive critical NET-04',
    'broken high PRV-04',
    'missed high detection_rate',
    'broken low SEC-01',
    'inconclusive low SUP-01',
  ]);
  expect(report.waived.map(({ item }) => item)).toEqual(['FS-01']);
  expect(report.held.map(({ item }) => item)).toEqual(['PRV-01']);
  expect(report.notTested.map(({ what }) => what)).toEqual(['1 of 3 probes', 'IMG-01 A tag', 'All else']);
});

test('a run that ended otherwise than its findings say has that as its problem', () => {
  const lab = reportLab();
  lab.save(
    record({
      verdict: 'error',
      reason: 'the engine was lost',
      findings: [finding({ severity: 'low' })],
      residue: ['a network is still there'],
    }),
  );
  const { report } = makeReport({ type: 'run', run: record().id }, ['json'], at, lab.deps);
  expect(report.problems.map(({ title }) => title)).toEqual(['The run ended with an error: the engine was lost', 'Seccomp really filters']);
  expect(report.residue).toEqual([{ run: record().id, sentence: 'a network is still there' }]);
  expect(report.inShort.join(' ')).toContain('1 thing was left behind, and must be put right by hand');
});

test('a run that goes on says so, and has no journal', () => {
  const lab = reportLab();
  lab.save(record({ verdict: null, endedAt: null, durationMs: null, reason: '', findings: [] }));
  const { report, files } = makeReport({ type: 'run', run: record().id }, all, at, lab.deps);
  expect(report.inShort).toContain('It still goes on: what follows is what is known so far.');
  expect(files.get('report.html')).toContain('running');
  expect(() => makeReport({ type: 'run', run: record().id }, ['chaostoolkit'], at, lab.deps)).toThrow('has not ended');
});

test('since when something is broken is when it first was, not when it was last asked', () => {
  const lab = reportLab();
  const day = (n: number, parts: Partial<RunRecord> = {}) =>
    record({
      id: `01M80PSASDPXGP3MMWP30R2KQ${n}`,
      startedAt: `2026-11-0${n}T04:00:00.000Z`,
      endedAt: `2026-11-0${n}T04:00:01.000Z`,
      ...parts,
    });
  lab.save(day(1));
  lab.save(day(2));
  const { report } = makeReport({ type: 'run', run: day(2).id }, [], at, lab.deps);
  expect(report.problems[0]?.since).toBe('2026-11-01T04:00:01.000Z');
  // what a later run says is no news of an older one
  lab.save(day(3, { findings: [finding({ state: 'holds' })], verdict: 'passed' }));
  lab.save(day(4));
  expect(makeReport({ type: 'run', run: day(2).id }, [], at, lab.deps).report.problems[0]?.since).toBe('2026-11-02T04:00:01.000Z');
});

test('a journal has what a reader of the Chaos Toolkit’s asks for', () => {
  const journal = JSON.parse(filesOf(hostileRecord()).get('journal.json') ?? '') as Record<string, never>;
  // chaoslib 1.44, run.py initialize_run_journal, and what the template of chaostoolkit-reporting 0.18 reads
  expect(Object.keys(journal)).toEqual([
    'chaoslib-version',
    'platform',
    'node',
    'experiment',
    'start',
    'end',
    'duration',
    'status',
    'deviated',
    'steady_states',
    'run',
    'rollbacks',
  ]);
  expect(journal).toMatchObject({
    status: 'completed',
    deviated: true,
    steady_states: { before: null, after: null, during: [] },
    duration: expect.any(Number),
  });
  const { experiment, run } = journal as unknown as { experiment: Record<string, unknown[]>; run: Record<string, unknown>[] };
  expect(experiment).toMatchObject({
    title: 'sandbox',
    description: expect.any(String),
    tags: ['pitwall', 'adversarial-probe'],
    extensions: [{ name: 'pitwall', verdict: 'failed' }],
  });
  expect(experiment.method?.length).toBe(run.length);
  for (const one of run) {
    expect(Object.keys(one)).toEqual(['activity', 'start', 'end', 'duration', 'status', 'output']);
    expect(one).toMatchObject({
      activity: {
        type: expect.stringMatching(/^(action|probe)$/),
        name: expect.any(String),
        provider: { type: 'process', path: 'pitwall' },
      },
      status: expect.stringMatching(/^(succeeded|failed)$/),
      start: expect.stringMatching(/\+00:00$/),
    });
  }
});

test('a journal has what a run did to the world, and an undo of what was to be undone', () => {
  const fault = { target: 'shop-web-1', injectedAt: '2026-11-22T04:03:49.000Z', undoneAt: null } as const;
  const faults = [
    { ...fault, kind: 'recreate', effect: 'proven', undo: 'clean' },
    { ...fault, kind: 'anchor-cut', effect: 'proven', undo: 'clean', undoneAt: '2026-11-22T04:03:50.000Z' },
    { ...fault, kind: 'rotation', effect: 'not-seen', undo: 'residue' },
  ] as const;
  const journal = chaosToolkitJournal({ ...hostileRecord(), faults }, { checks: [], events: [], version: '0.1.0' });
  type Activity = { readonly activity: { readonly name: string }; readonly status: string };
  const said = (part: 'run' | 'rollbacks') =>
    (journal[part] as readonly Activity[]).map(({ activity, status }) => `${activity.name}: ${status}`);
  expect(said('run')).toEqual(
    expect.arrayContaining(['recreate on shop-web-1: succeeded', 'anchor-cut on shop-web-1: succeeded', 'rotation on shop-web-1: failed']),
  );
  expect(said('rollbacks')).toEqual(['undo of anchor-cut on shop-web-1: succeeded', 'undo of rotation on shop-web-1: failed']);
});
