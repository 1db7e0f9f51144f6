import { expect, test } from 'vitest';
import { broken, holds } from './probe.ts';
import { ofAll } from './read.ts';

test('what is said of all others is not known while the engine says nothing of one; what is broken is', () => {
  expect(ofAll({ silent: [] }, holds('none')).state).toBe('holds');
  expect(ofAll({ silent: ['stuck'] }, holds('none'))).toEqual({
    state: 'inconclusive',
    evidence: 'the engine says nothing of stuck; of the others: none',
  });
  expect(ofAll({ silent: ['stuck'] }, broken('shared')).state).toBe('broken');
});
