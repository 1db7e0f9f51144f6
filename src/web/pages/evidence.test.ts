import { expect, test } from 'vitest';
import { active, drawn } from '../../chart/fixtures/drawn.ts';
import type { CaseDetail } from '../../forensics/service.ts';
import { aCase, aHold, aReader, day, hostile, now } from '../fixtures/made.ts';
import { EvidencePage, type EvidenceProps } from './evidence.tsx';
import { EvidenceListPage } from './evidence-list.tsx';

type Process = CaseDetail['processes'][number];

function aProcess(change: Partial<Process> = {}): Process {
  const numbers = { hostPid: 100, pid: 1, ppid: 0, uid: 0, gid: 0, threads: 1, startTicks: 1, seccomp: 2 };
  const rest = {
    comm: 'sh',
    argv: ['sh', '-c', 'sleep 1'],
    exe: '/bin/sh',
    exeDeleted: false,
    cwd: '/',
    state: 'S',
    capEff: '0',
    noNewPrivs: true,
  };
  return { ...numbers, ...rest, ...change };
}

const socket = { owners: [{ pid: 1, fd: 3 }], protocol: 'tcp', local: '10.0.0.2:8080', remote: null, state: 'listen', inode: 1 } as const;
const reading = {
  at: '2026-01-31T11:00:00.000Z',
  paused: true,
  freezer: 'frozen',
  cpuNs: 5,
  layer: { sha256: 'd'.repeat(64), files: 1, bytes: 1, metadataOnly: false },
} as const;

function aDetail(change: Partial<CaseDetail> = {}): CaseDetail {
  const evidence = change.evidence ?? aCase();
  return {
    evidence,
    processes: [aProcess()],
    sockets: [socket],
    files: [{ path: '/tmp/x', what: 'added' }],
    images: [],
    coverage: [{ step: 'memory', state: 'captured', reason: null, share: 1, bytes: 4_096, startedAt: '2026-01-31T11:00:00.000Z', ms: 12 }],
    seal: { state: 'intact', reasons: [], start: reading, end: reading, checkpointCpuNs: null, events: [] },
    custody: [{ at: '2026-01-31T11:00:01.000Z', zone: 'Europe/Amsterdam', who: 'ana', what: 'sealed' }],
    lease: evidence.hold,
    timeline: [{ at: '2026-01-31T11:00:00.000Z', what: 'frozen, and read back' }],
    alert: null,
    ...change,
  };
}

function page(detail: Partial<CaseDetail> = {}, change: Partial<EvidenceProps> = {}) {
  return drawn(EvidencePage({ detail: aDetail(detail), verification: null, release: null, reader: aReader('responder'), now, ...change }));
}

const flat = (text: string) => text.replace(/\s+/g, ' ');
const actions = (drawing: ReturnType<typeof drawn>) => drawing.named('form').map(({ attributes }) => attributes.action?.split('/').at(-1));

test('what proves it, who handled it and what is in it stands there', () => {
  const text = flat(page().text());
  for (const part of [
    'odd traffic',
    'intact',
    'whole',
    'frozen, 3 h left',
    'sh -c sleep 1',
    '10.0.0.2:8080',
    '/tmp/x',
    'Europe/Amsterdam',
    'frozen, and read back',
  ])
    expect(text).toContain(part);
});

test('it is not read again by itself: reading it is in the audit log', () => {
  expect(page().html).toMatch(/^<div class="evidence" data-live="off">/);
});

test('text of a hostile container is inert, wherever it stands', () => {
  const names = { exe: hostile, comm: hostile, state: hostile, argv: [hostile, hostile] };
  const container = { ...aCase().container, name: hostile, image: hostile, service: hostile };
  const drawing = page({
    evidence: aCase({
      container,
      reason: hostile,
      actor: hostile,
      hold: aHold({ containerName: hostile }),
      push: { state: 'pending', reference: null, note: hostile },
    }),
    processes: [aProcess(names), aProcess({ ...names, argv: [] })],
    sockets: [{ ...socket, local: hostile, remote: hostile, state: hostile }],
    files: [{ path: hostile, what: hostile }],
    images: [{ name: 'filesystem', reference: hostile, digest: hostile }],
    coverage: [{ step: 'disk', state: 'partial', reason: hostile, share: 0.5, bytes: 0, startedAt: '', ms: 1 }],
    seal: {
      state: 'broken',
      reasons: [hostile],
      start: null,
      end: null,
      checkpointCpuNs: null,
      events: [{ at: hostile, action: hostile }],
    },
    custody: [{ at: 'never', zone: hostile, who: hostile, what: hostile }],
    timeline: [{ at: hostile, what: hostile }],
    alert: { rule: hostile, processFound: hostile },
  });
  expect(drawing.html).not.toMatch(active);
  expect(drawing.html.split('fdp.exe').length).toBeGreaterThan(20);
});

test('of thousands of processes and files the first two hundred are shown, with how many there are', () => {
  const drawing = page({
    processes: Array.from({ length: 5_000 }, (_, i) => aProcess({ pid: i + 1, argv: ['x'.repeat(5_000)] })),
    files: Array.from({ length: 50_000 }, (_, i) => ({ path: `/data/${i}`, what: 'added' })),
    custody: Array.from({ length: 300 }, (_, i) => ({ at: '2026-01-31T11:00:01.000Z', zone: 'UTC', who: 'ana', what: `note ${i}` })),
  });
  const text = flat(drawing.text());
  expect(text).toContain('first 200 of 5,000');
  expect(text).toContain('/data/199');
  expect(text).not.toContain('/data/200');
  expect(text).toContain('first 200 of 50,000');
  expect(text).toContain('and 4,700 more characters');
  // of a log the newest matters
  expect([text.includes('note 299'), text.includes('note 99 ')]).toEqual([true, false]);
  expect(Buffer.byteLength(drawing.html)).toBeLessThan(350_000);
});

test.each([
  ['a responder', aReader('responder'), ['lease', 'release', 'verify', 'download', 'manifest', 'detail']],
  ['a reader by token', aReader('admin', null), []],
])('%s has these forms', (_, reader, expected) => {
  expect(actions(page({}, { reader }))).toEqual(expected);
});

test.each([
  [
    'released',
    { hold: aHold({ state: 'released', endedAt: now, ending: 'killed' }) },
    'killed',
    ['verify', 'download', 'manifest', 'detail'],
  ],
  ['never held', { hold: null }, 'It was never held frozen', ['verify', 'download', 'manifest', 'detail']],
  ['overdue', { hold: aHold({ deadline: now - day }) }, 'overdue by 1 d', ['lease', 'release', 'verify', 'download', 'manifest', 'detail']],
  ['being captured', { state: 'capturing', coverage: null, seal: null }, 'capturing', ['lease', 'release', 'detail']],
  ['pruned', { state: 'pruned', hold: null, prunedAt: now - day }, 'pruned', ['detail']],
] as const)('one that is %s', (_, change, text, expected) => {
  const drawing = page({ evidence: aCase(change) });
  expect(flat(drawing.text())).toContain(text);
  expect(actions(drawing)).toEqual(expected);
});

const result = { ok: true, checked: 12, signedBy: 'f'.repeat(64), problems: [], notes: [] };
const broken = { ...result, ok: false, problems: [{ path: hostile, problem: 'its hash differs' }], notes: [hostile] };

test.each([
  [null, 'Not verified from here'],
  [{ state: 'going', since: now - 60_000 }, 'being verified'],
  [{ state: 'done', since: now, at: now, value: result }, '12 files checked'],
  [{ state: 'done', since: now, at: now, value: broken }, '1 are not as they were signed'],
  [{ state: 'failed', since: now, at: now, message: hostile }, 'Could not be verified'],
] as const)('%#: how its verification stands', (verification, text) => {
  const drawing = page({}, { verification });
  expect(flat(drawing.text())).toContain(text);
  expect(drawing.html).not.toMatch(active);
});

test('only a verification that found nothing wrong is green', () => {
  const tones = (verification: EvidenceProps['verification']) =>
    page({ seal: null, coverage: [], evidence: aCase({ seal: null, state: 'partial' }) }, { verification }).all('good').length;
  expect(tones({ state: 'done', since: now, at: now, value: result })).toBe(1);
  expect(tones({ state: 'done', since: now, at: now, value: broken })).toBe(0);
  expect(tones({ state: 'going', since: now })).toBe(0);
  expect(tones(null)).toBe(0);
});

test('a release that goes on, or that failed, is said', () => {
  expect(flat(page({}, { release: { state: 'going', since: now } }).text())).toContain('It is being released');
  const failed = page({}, { release: { state: 'failed', since: now, at: now, message: 'it did not become healthy' } });
  expect(flat(failed.text())).toContain('it did not become healthy');
});

test('the list tells what is held, until when, and what is next', () => {
  const drawing = drawn(
    EvidenceListPage({
      cases: [aCase(), aCase({ id: `ev_${'1'.repeat(26)}`, state: 'partial', coverage: 0.5, seal: 'broken', hold: null, reason: hostile })],
      holds: [aHold({ containerName: hostile, deadline: now - day })],
      query: { state: 'partial', before: null },
      next: `ev_${'1'.repeat(26)}`,
      now,
    }),
  );
  const text = flat(drawing.text());
  for (const part of ['overdue by 1 d', 'partial, 50%', 'broken']) expect(text).toContain(part);
  expect(drawing.named('a').map(({ attributes }) => attributes.href)).toContain(`/evidence?state=partial&before=ev_${'1'.repeat(26)}`);
  expect(drawing.html).not.toMatch(active);
});
