import { expect, test } from 'vitest';
import type { Drill } from '../../domain/drill.ts';
import type { Engine } from '../../domain/engine.ts';
import type { RunRecord } from '../../domain/words.ts';
import { enginesFor } from './run.ts';

const engines = ['staging-1', 'staging-2', 'payments'].map((name) => ({ name, environment: 'staging' }) as Engine);
const drill = (wanted: readonly string[] | null) =>
  ({ name: 'recycle', environments: ['staging'], targets: { engines: wanted } }) as unknown as Drill;
const ranOn = (name: string) => ({ id: 'r', engine: { name } }) as RunRecord;
const names = (...asked: Parameters<typeof enginesFor>) => enginesFor(...asked).map(({ name }) => name);

test('a replay is on the engine of its run, if the drill still names that', () => {
  expect(names(drill(null), engines, ranOn('payments'))).toEqual(['payments']);
  expect(names(drill(['staging-*']), engines, ranOn('staging-2'))).toEqual(['staging-2']);
  expect(() => names(drill(['staging-*']), engines, ranOn('payments'))).toThrow(
    expect.objectContaining({ code: 'replay_target_missing', message: expect.stringContaining('payments') }),
  );
  expect(() => names(drill(null), engines, ranOn('gone'))).toThrow(expect.objectContaining({ code: 'unknown_engine' }));
});
