import { expect, test } from 'vitest';
import type { EngineEvent } from '../../domain/engine/events.ts';
import type { SealReading } from '../../domain/evidence.ts';
import { judgeSeal } from './judge-seal.ts';

const layer = { sha256: 'a'.repeat(64), files: 1, bytes: 1, metadataOnly: false };
const reading: SealReading = { at: '2026-11-22T00:00:00.000Z', paused: true, freezer: 'frozen', cpuNs: 1_000, layer };
const event = (action: string): EngineEvent => ({
  type: 'container',
  action,
  id: 'c',
  attributes: {},
  timeNano: 1_800_000_000_000_000_000n,
});
const seen = (...actions: string[]) => ({ events: actions.map(event), blind: false });

test('two equal readings with nothing but our own acts between them are intact', () => {
  expect(judgeSeal(reading, { ...reading, at: 'later' }, seen('pause', 'commit', 'rename', 'top'))).toMatchObject({
    state: 'intact',
    reasons: [],
  });
});

test.each([
  ['an unpause in the events', reading, reading, seen('pause', 'unpause', 'pause')],
  ['an end in the events', reading, reading, seen('pause', 'die')],
  ['CPU time', reading, { ...reading, cpuNs: 1_001 }, seen()],
  ['another layer', reading, { ...reading, layer: { ...layer, sha256: 'b'.repeat(64) } }, seen()],
  ['not paused at the end', reading, { ...reading, paused: false }, seen()],
  ['thawed at the beginning', { ...reading, freezer: 'thawed' as const }, reading, seen()],
])('%s breaks it, and is said', (_what, start, end, witness) => {
  const seal = judgeSeal(start, end, witness);
  expect(seal.state).toBe('broken');
  expect(seal.reasons).toHaveLength(1);
});

test.each([
  ['no reading at the end', reading, null, seen()],
  ['no reading at the beginning', null, reading, seen()],
  ['no CPU time', { ...reading, cpuNs: null }, reading, seen()],
  ['no layer', reading, { ...reading, layer: null }, seen()],
  ['a gap in the events', reading, reading, { events: [], blind: true }],
])('%s leaves it unknown: not broken, and never intact', (_what, start, end, witness) => {
  expect(judgeSeal(start, end, witness).state).toBe('unknown');
});

test('a proof against it counts more than a missing one', () => {
  expect(judgeSeal(reading, { ...reading, cpuNs: 2_000, layer: null }, { events: [], blind: true }).state).toBe('broken');
});

test("what CRIU's own code used is not the container's, and what goes beyond it is", () => {
  const end = { ...reading, cpuNs: 1_500 };
  expect(judgeSeal(reading, end, { ...seen(), checkpointCpuNs: 500 })).toMatchObject({ state: 'intact', checkpointCpuNs: 500 });
  expect(judgeSeal(reading, end, { ...seen(), checkpointCpuNs: 499 }).state).toBe('broken');
});
