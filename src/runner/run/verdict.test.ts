import { expect, test } from 'vitest';
import { EngineError, FailedError, InconclusiveError, RefusedError } from '../../domain/errors.ts';
import type { Finding, Measurement } from '../../domain/words.ts';
import { Aborted } from './abort.ts';
import { judgeRun, type Outcome } from './verdict.ts';

const fine: Outcome = {
  error: null,
  aborted: null,
  acted: true,
  idle: false,
  worked: ['web'],
  lost: [],
  objectives: {},
  measurements: [],
  findings: [],
  failOn: 'medium',
  residue: [],
  summary: '2 recycled',
};
const judged = (over: Partial<Outcome>) => {
  const { verdict, exitCode } = judgeRun({ ...fine, ...over });
  return [verdict, exitCode];
};
const measurement: Measurement = { name: 'downtime', target: 'web', value: 3_000, unit: 'ms', objective: { max: 2_000 }, met: false };
const finding: Finding = {
  probe: 'PRV-01',
  title: 't',
  target: null,
  state: 'broken',
  severity: 'medium',
  evidence: '',
  waivedUntil: null,
};

test('each row of the table of verdicts', () => {
  expect(judged({})).toEqual(['passed', 0]);
  expect(judged({ measurements: [measurement] })).toEqual(['failed', 1]);
  expect(judged({ lost: ['web: 50 %'] })).toEqual(['failed', 1]);
  expect(judged({ error: new FailedError('x', 'unhealthy') })).toEqual(['failed', 1]);
  expect(judged({ error: new InconclusiveError('no_match', 'none') })).toEqual(['inconclusive', 3]);
  expect(judged({ objectives: { downtime: { max: 1 } } })).toEqual(['inconclusive', 3]);
  expect(judged({ error: new RefusedError('locked', 'locked') })).toEqual(['refused', 4]);
  expect(judged({ aborted: new Aborted('halt', 'halted') })).toEqual(['aborted', 4]);
  expect(judged({ aborted: new Aborted('timeout', 'too long') })).toEqual(['failed', 1]);
  expect(judged({ aborted: new Aborted('timeout', 'too long'), acted: false })).toEqual(['refused', 4]);
  expect(judged({ error: new EngineError('engine_unreachable', 'gone') })).toEqual(['error', 6]);
  expect(judged({ error: new EngineError('engine_identity', 'another') })).toEqual(['refused', 4]);
  expect(judged({ error: new TypeError('a bug') })).toEqual(['error', 70]);
});

test('residue decides the exit code, whatever else happened', () => {
  expect(judged({ residue: ['web is stopped'] })).toEqual(['passed', 5]);
  expect(judged({ residue: ['web is stopped'], aborted: new Aborted('signal', 'stopped') })).toEqual(['aborted', 5]);
});

test('where nothing was due, an objective without its measurement is no matter', () => {
  expect(judged({ objectives: { downtime: { max: 1 } }, idle: true })).toEqual(['passed', 0]);
});

test('a finding counts from the severity on that fails, and not while it is waived', () => {
  expect(judged({ findings: [finding] })).toEqual(['failed', 1]);
  expect(judged({ findings: [{ ...finding, severity: 'low' }] })).toEqual(['passed', 0]);
  expect(judged({ findings: [{ ...finding, waivedUntil: '2027-01-01' }] })).toEqual(['passed', 0]);
  expect(judged({ findings: [{ ...finding, state: 'inconclusive', severity: 'high' }] })).toEqual(['inconclusive', 3]);
  expect(judged({ findings: [{ ...finding, state: 'inconclusive' }] })).toEqual(['passed', 0]);
});

test('a missed objective says what was measured and what was expected', () => {
  expect(judgeRun({ ...fine, measurements: [measurement] }).reason).toBe('downtime of web was 3 s, objective at most 2 s');
});
