import { expect, test } from 'vitest';
import type { Finding, RunRecord } from '../../domain/words.ts';
import { changesSince } from './changes.ts';

const finding = (target: string, evidence: string, more: Partial<Finding> = {}): Finding => ({
  probe: 'SEC-01',
  title: 'No secret in the environment',
  target,
  state: 'broken',
  severity: 'high',
  evidence,
  waivedUntil: null,
  ...more,
});
const run = (names: readonly string[], findings: readonly Finding[]): RunRecord =>
  ({
    id: 'r',
    verdict: 'failed',
    targets: names.map((name) => ({ name, service: name.replace(/-\d$/, ''), leftOut: null })),
    findings,
  }) as unknown as RunRecord;

test('what is of a target that was not looked at is not gone', () => {
  const mended = finding('web-1', 'no', { probe: 'FS-01', title: 'read-only' });
  const { gone, unseen } = changesSince(run(['web-1', 'db-1'], [mended, finding('db-1', 'x')]), run(['web-2'], [finding('web-2', 'x')]));
  expect([gone.map(({ target }) => target), unseen.map(({ target }) => target)]).toEqual([['web-1'], ['db-1']]);
});

test.each(['refused', 'error', 'aborted', 'inconclusive'] as const)(
  'of a run that was %s before it asked anything, nothing is gone',
  (verdict) => {
    const before = run(['web-1'], [finding('web-1', 'x'), { ...finding('', 'y'), target: null }]);
    const { gone, unseen } = changesSince(before, { ...run(['web-1'], []), verdict });
    expect([gone, unseen.map(({ target }) => target)]).toEqual([[], ['web-1', null]]);
  },
);

test('of a run that was stopped on its way, what it had not come to is not gone', () => {
  const before = run(['web-1', 'db-1'], [finding('web-1', 'x'), finding('db-1', 'x')]);
  const { gone, unseen } = changesSince(before, { ...run(['web-1', 'db-1'], [finding('web-1', 'x')]), verdict: 'aborted' });
  expect([gone, unseen.map(({ target }) => target)]).toEqual([[], ['db-1']]);
});

test('one more reason is seen, on another replica too', () => {
  const { otherwise } = changesSince(
    run(['web-1'], [finding('web-1', 'in the environment: A (hash 0a1b2c3d)')]),
    run(['web-2'], [finding('web-2', 'in the environment: A (hash 99887766), B (hash 12345678)')]),
  );
  expect(otherwise).toMatchObject([{ finding: { target: 'web-2' }, was: 'in the environment: A (hash 0a1b2c3d)' }]);
});

test.each([
  ['A (hash 0a1b2c3d) [`env` → 0: x]', 'A (hash 99887766) [`env` → 0: y]'],
  ['10.2.0.3:80 (on net): open', '10.9.0.4:80 (on net): open'],
  ['it is 93 days old', 'it is 94 days old'],
  ['its loops got 0.40 CPUs', 'its loops got 0.52 CPUs'],
  ['open (not self-tested here: no busybox)', 'open'],
])('the same reason in other words is none: %s', (before, now) => {
  expect(changesSince(run(['web-1'], [finding('web-1', before)]), run(['web-1'], [finding('web-1', now)])).otherwise).toEqual([]);
});

test('another port is another reason', () => {
  const { otherwise } = changesSince(
    run(['web-1'], [finding('web-1', 'listens on 22')]),
    run(['web-1'], [finding('web-1', 'listens on 80')]),
  );
  expect(otherwise).toHaveLength(1);
});
