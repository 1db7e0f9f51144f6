import { expect, test } from 'vitest';
import type { RunEvent, RunRecord } from '../../domain/words.ts';
import type { Output } from '../output.ts';
import { eventLine, showRecord } from './record.ts';

const record = {
  id: '01J',
  drill: 'recycle-web',
  kind: 'reverse-uptime',
  verdict: 'passed',
  reason: '',
  engine: { name: 'local', version: '26.1.5', environment: 'local' },
  trigger: 'manual',
  actor: 'ana',
  startedAt: '2026-11-22T14:38:15.000Z',
  durationMs: 1000,
  seed: '6a35cf0b',
  targets: [],
  measurements: [],
  findings: [],
  residue: [],
} as unknown as RunRecord;

function head(change: Partial<RunRecord>): string[] {
  const lines: string[] = [];
  const out = { line: (text = '') => lines.push(text), paint: (_style: string, text: string) => text } as unknown as Output;
  showRecord(out, { ...record, ...change });
  return lines;
}

test('a run says where it was: the engine, and its environment by that word, as both are called local where nothing is configured', () => {
  expect(head({})[1]).toBe('  reverse-uptime on engine local (Docker 26.1.5, environment local), manual by ana');
});

test('the seed is named where something was drawn, and a freeze on demand draws nothing', () => {
  expect(head({})[2]).toBe('  2026-11-22 14:38:15Z, took 1 s, seed 6a35cf0b');
  expect(head({ seed: '' })[2]).toBe('  2026-11-22 14:38:15Z, took 1 s');
});

test('an event names its target once, even when its message begins with it', () => {
  const event = { at: '2026-11-22T14:38:53.571Z', type: 'recycled', target: 'web-1', message: 'web-1 was made again' } as RunEvent;
  expect(eventLine(event)).toBe('14:38:53.571  recycled      web-1 was made again');
  expect(eventLine({ ...event, message: 'frozen' })).toBe('14:38:53.571  recycled      web-1: frozen');
  expect(eventLine({ ...event, message: 'web-10 is not it' })).toBe('14:38:53.571  recycled      web-1: web-10 is not it');
  expect(eventLine({ ...event, target: null, message: 'holds' })).toBe('14:38:53.571  recycled      holds');
});
