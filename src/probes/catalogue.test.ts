import { expect, test } from 'vitest';
import { catalogue, chosen, weakDummies } from './catalogue.ts';
import { probeIds } from './probe-ids.ts';
import { references } from './references.ts';

test('the ids that a drill file may name are those of the probes, each once', () => {
  expect(catalogue.map(({ id }) => id).toSorted()).toEqual([...probeIds].toSorted());
  expect(catalogue.length).toBeGreaterThanOrEqual(75);
});

test('a weakness is planted in a weak dummy that there is, or the reason is given', () => {
  const names = weakDummies.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const { id, weakness } of catalogue) {
    if ('in' in weakness) expect(names, id).toContain(weakness.in);
    else expect(weakness.none.length, id).toBeGreaterThan(10);
  }
  const used = new Set(catalogue.flatMap(({ weakness }) => ('in' in weakness ? [weakness.in] : [])));
  expect(names.filter((name) => !used.has(name))).toEqual([]);
});

test('what looks only, and what is dummy-only, never names the outside; side maps name probes that there are', () => {
  expect(Object.keys(references).filter((id) => !probeIds.includes(id))).toEqual([]);
  const leaving = catalogue.filter(({ safety }) => safety === 'may-leave-host').map(({ id }) => id);
  expect(chosen(null, [], false).filter(({ id }) => leaving.includes(id))).toEqual([]);
  expect(chosen(['network'], [], false).filter(({ id }) => leaving.includes(id))).toEqual([]);
  expect(chosen(null, [], true)).toEqual(catalogue);
  expect(chosen(['privilege', 'FS-01'], ['PRV-04'], false).map(({ id }) => id)).not.toContain('PRV-04');
});
