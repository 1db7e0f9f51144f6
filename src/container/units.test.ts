import fc from 'fast-check';
import { expect, it } from 'vitest';
import { inspectOf } from '../../test/recreate/support/inspect.ts';
import { dependsOn } from './references.ts';
import { unitsOf } from './units.ts';

const id = (number: number) => number.toString(16).padStart(2, '0').repeat(32);

/** Each may live in the namespace of one that was made before it. */
const containers = fc.array(fc.option(fc.nat(20)), { maxLength: 12 }).map((owners) =>
  owners.map((owner, index) => {
    const mode = owner !== null && index > 0 ? { IpcMode: `container:${id((owner % index) + 1)}` } : {};
    return { inspect: inspectOf({ id: id(index + 1), name: `c${index}`, host: mode }) };
  }),
);

it('each is in one unit, with all that it depends on before it', () => {
  fc.assert(
    fc.property(
      containers.chain((list) => fc.shuffledSubarray(list, { minLength: list.length })),
      (list) => {
        const units = unitsOf(list);
        expect(units.flat().toSorted((a, b) => list.indexOf(a) - list.indexOf(b))).toEqual(list);
        for (const unit of units) {
          unit.forEach((one, at) => {
            for (const other of list) {
              if (other === one || !dependsOn(one.inspect, other.inspect)) continue;
              expect(unit.indexOf(other)).toBeGreaterThanOrEqual(0);
              expect(unit.indexOf(other)).toBeLessThan(at);
            }
          });
        }
      },
    ),
  );
});
