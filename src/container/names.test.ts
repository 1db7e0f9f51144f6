import fc from 'fast-check';
import { expect, it } from 'vitest';
import { temporaryNames } from './names.ts';

const name = fc.stringMatching(/^[a-zA-Z0-9][a-zA-Z0-9_.-]{1,80}$/);

it('temporary names are valid, short, told apart, and the same when asked again', () => {
  fc.assert(
    fc.property(fc.uuid(), fc.uuid(), name, (run, id, given) => {
      const names = temporaryNames(run, id, given);
      for (const one of Object.values(names)) expect(one).toMatch(/^[a-zA-Z0-9][a-zA-Z0-9_.-]{1,62}$/);
      expect(new Set([names.fresh, names.parked, given]).size).toBe(3);
      expect(temporaryNames(run, id, given)).toEqual(names);
      expect(temporaryNames(`${run}x`, id, given).fresh).not.toBe(names.fresh);
      expect(temporaryNames(run, `${id}x`, given).fresh).not.toBe(names.fresh);
    }),
  );
});
