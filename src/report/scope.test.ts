import fc from 'fast-check';
import { expect, test } from 'vitest';
import { reportId, reportIdPattern, type ScopeRequest, scopeOf } from './scope.ts';

const names = { run: 'RUN', since: '--since', from: '--from', until: '--until', service: '--service' };
const now = Date.parse('2026-03-10T15:00:00Z');
const scope = (request: ScopeRequest) => scopeOf(request, now, names);

test('days are whole, today the last of them', () => {
  expect(scope({})).toEqual({ type: 'period', from: '2026-02-09', to: '2026-03-10' });
  expect(scope({ since: '1d' })).toEqual({ type: 'period', from: '2026-03-10', to: '2026-03-10' });
  expect(scope({ since: '36h', service: 'web' })).toEqual({ type: 'service', service: 'web', from: '2026-03-09', to: '2026-03-10' });
  expect(scope({ from: '2026-01-31', until: '2026-01-31' })).toEqual({ type: 'period', from: '2026-01-31', to: '2026-01-31' });
  expect(scope({ from: '2026-03-01' })).toEqual({ type: 'period', from: '2026-03-01', to: '2026-03-10' });
});

test.each<[ScopeRequest, string]>([
  [{ run: '01', service: 'web' }, 'RUN and --service exclude each other'],
  [{ run: '01', since: '3d' }, 'RUN and --since exclude each other'],
  [{ since: '3d', from: '2026-01-01' }, '--since and --from exclude each other'],
  [{ since: '3d', until: '2026-01-01' }, '--since and --until exclude each other'],
  [{ until: '2026-01-01' }, '--until needs --from'],
  [{ from: '2026-02-30' }, '"2026-02-30" is not a day'],
  [{ from: '2026-3-1' }, '"2026-3-1" is not a day'],
  [{ from: '2026-03-02', until: '2026-03-01' }, '--from 2026-03-02 is after --until 2026-03-01'],
  [{ from: '2026-03-11' }, 'is after today'],
  [{ from: '1970-01-01' }, 'more than 3660 days'],
  [{ since: '7 dayz' }, '--since: "7 dayz" is not a duration'],
  [{ since: '0' }, 'expected from 1d'],
  [{ service: '' }, '--service is empty'],
])('%j: %s', (request, message) => {
  expect(() => scope(request)).toThrow(message);
});

test('an id is a name that a folder can have, whatever the service is called, and another for another service', () => {
  const at = Date.parse('2026-03-10T15:00:00.123Z');
  const id = (service: string) => reportId({ type: 'service', service, from: '2026-03-01', to: '2026-03-10' }, at);
  expect(id('web')).toBe('report-service-web-2026-03-01-to-2026-03-10-20260310-150000');
  expect(id('../web')).not.toBe(id('/web'));
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }), (service) => {
      expect(id(service)).toMatch(reportIdPattern);
    }),
  );
});
