import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isOurs, isPitwalls, noRun, ownLabels } from './own.ts';
import { reasonToKeep } from './sweep.ts';

const runId = '01JD0000000000000000000000';
const labels = ownLabels({ runId, role: 'check', instance: 'a', expiresAt: 1_000 });
const sweeping = { instance: 'a', allInstances: false, now: 999, isEnded: () => false };

test('one of the labels makes nothing ours: it would hide what carries it', () => {
  expect(isPitwalls(labels)).toBe(true);
  for (const name of Object.keys(labels)) expect(isPitwalls({ ...labels, [name]: '' })).toBe(false);
  expect(isPitwalls({ 'pitwall.role': 'x' })).toBe(false);
});

describe('own labels', () => {
  test('are four, and belong to their instance', () => {
    expect(labels).toEqual({
      'pitwall.run': runId,
      'pitwall.role': 'check',
      'pitwall.instance': 'a',
      'pitwall.expires': '1970-01-01T00:00:01.000Z',
    });
    expect(isOurs(labels, 'a')).toBe(true);
    expect(isOurs(labels, 'b')).toBe(false);
    for (const name of Object.keys(labels)) expect(isOurs({ ...labels, [name]: '' }, 'a')).toBe(false);
    expect(isOurs({}, '')).toBe(false);
  });
});

describe('reasonToKeep', () => {
  test('lets go at the expiry, and when the run has ended', () => {
    expect(reasonToKeep(labels, sweeping)).toMatch(/^it is in use/);
    expect(reasonToKeep(labels, { ...sweeping, now: 1_000 })).toBeNull();
    expect(reasonToKeep(labels, { ...sweeping, isEnded: (id) => id === runId })).toBeNull();
  });

  test('what is of no run goes only at its expiry', () => {
    const shared = { ...labels, 'pitwall.run': noRun };
    expect(reasonToKeep(shared, { ...sweeping, isEnded: () => true })).toMatch(/^it is in use/);
    expect(reasonToKeep(shared, { ...sweeping, now: 1_000 })).toBeNull();
  });

  test('another instance only when asked for all', () => {
    const late = { ...sweeping, instance: 'b', now: 2_000 };
    expect(reasonToKeep(labels, late)).toMatch(/another instance/);
    expect(reasonToKeep(labels, { ...late, allInstances: true })).toBeNull();
    // its run is not in our database, which says nothing of whether it goes on
    expect(reasonToKeep(labels, { ...late, allInstances: true, now: 1, isEnded: () => true })).toMatch(/^it is in use/);
  });

  test('evidence never', () => {
    const kept = { ...labels, 'pitwall.evidence': 'ev_01M80CPV0FTPA8N418866VP5QS' };
    expect(reasonToKeep(kept, { ...sweeping, allInstances: true, now: 9e12, isEnded: () => true })).toMatch(/evidence/);
  });

  test('a clone of evidence, whose label is emptied, like anything else of ours', () => {
    const cloned = { ...labels, 'pitwall.evidence': '' };
    expect(reasonToKeep(cloned, { ...sweeping, allInstances: true, now: 1_000 })).toBeNull();
  });

  test('labels that are not as we write them are kept, whatever they hold, and no run is asked for them', () => {
    const hostile = fc.record(
      {
        'pitwall.run': fc.string(),
        'pitwall.role': fc.string(),
        'pitwall.instance': fc.constantFrom('a', 'b', ''),
        'pitwall.expires': fc.string(),
      },
      { requiredKeys: [] },
    );
    const everything = { instance: 'a', allInstances: true, now: 9e12 };
    fc.assert(
      fc.property(hostile, (all) => {
        const given = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as Record<string, string>;
        const isEnded = () => {
          throw new Error('asked');
        };
        expect(reasonToKeep(given, { ...everything, isEnded })).not.toBeNull();
      }),
    );
    for (const expires of ['2020-01-01', '0', '1', 'Jan 1 2020', '2020-01-01T00:00:00Z', ' 2020-01-01T00:00:00.000Z']) {
      expect(reasonToKeep({ ...labels, 'pitwall.expires': expires }, { ...everything, isEnded: () => true })).toMatch(/no instant/);
    }
    for (const run of ['x', runId.toLowerCase(), `${runId} `, '81JD0000000000000000000000', '01JD000000000000000000000I']) {
      expect(reasonToKeep({ ...labels, 'pitwall.run': run }, { ...everything, isEnded: () => true })).toMatch(/no run id/);
    }
  });
});
