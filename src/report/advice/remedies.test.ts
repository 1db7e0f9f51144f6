import { expect, test } from 'vitest';
import { probeIds } from '../../probes/probe-ids.ts';
import { probeRemedies } from './probe-remedies.ts';
import { whatToDo } from './remedies.ts';

test('every probe of the catalogue, and those of segmentation, have a remedy of their own', () => {
  const asked = [...probeIds, 'NET-04', 'NET-06', 'NET-15', 'DUMMY'];
  expect(asked.filter((id) => probeRemedies[id] === undefined)).toEqual([]);
  expect(Object.keys(probeRemedies).filter((id) => !asked.includes(id))).toEqual([]);
});

test('what API and kernel disagree on says so, and then what the probe says', () => {
  const said = whatToDo({ kind: 'adversarial-probe', item: 'PRV-03:claim', state: 'broken' });
  expect(said).toContain('trust the kernel');
  expect(said).toContain(probeRemedies['PRV-03']);
});

test('a planned rotation is mended as any other, an unknown item by its kind', () => {
  const of = (item: string, kind = 'secret-rotation') => whatToDo({ kind, item, state: 'missed' });
  expect(of('planned_time_to_full_refusal')).toBe(of('time_to_full_refusal'));
  expect(of('something', 'lifecycle')).toContain('docs/lifecycle.md');
  expect(of('something', 'a kind to come')).toContain('pitwall show');
});

test('unknown is not proven, whatever was asked', () => {
  expect(whatToDo({ kind: 'adversarial-probe', item: 'PRV-03', state: 'inconclusive' })).toMatch(
    /^Treat it as not proven.*pitwall probes PRV-03/,
  );
  expect(whatToDo({ kind: 'lifecycle', item: 'verdict', state: 'inconclusive' })).toMatch(/^Treat it as not proven/);
});
