import { expect, test } from 'vitest';
import { finding, hostileRecord, record } from '../testkit.ts';
import { changesSince } from './changes.ts';
import { junitXml } from './junit.ts';

const one = (parts: Parameters<typeof record>[0]) => junitXml([{ record: record(parts), changes: null, exitCode: 1 }]);

test('broken fails, inconclusive errs, what does not apply or is waived is skipped; a suite counts its own', () => {
  const xml = junitXml([{ record: hostileRecord(), changes: null, exitCode: 1 }]);
  expect(xml).toContain(
    '<testsuite name="shop-web-1" package="sandbox" id="0" timestamp="2026-11-22T04:03:48" hostname="local" tests="3" failures="1" errors="0" skipped="1" time="2.229">',
  );
  expect(xml).toContain(
    'name="shop-db-1" package="sandbox" id="1" timestamp="2026-11-22T04:03:48" hostname="local" tests="2" failures="0" errors="1" skipped="1"',
  );
  expect(xml).toContain('<failure message="broken (high)" type="high">unshare answered 0</failure>');
  expect(xml).toContain('<error message="inconclusive (critical)" type="critical">control failed</error>');
  expect(xml).toContain('<skipped>broken, waived until 2027-01-31T23:59:59.999Z: ');
  expect(xml).toContain('<testcase name="PRV-01 Capabilities are few" classname="adversarial-probe.PRV" time="0"/>');
});

test('names and evidence of containers end no element', () => {
  const xml = junitXml([{ record: hostileRecord(), changes: null, exitCode: 1 }]);
  expect(xml).toContain('name="w\ufffde\ufffdb&lt;&amp;&quot;&gt;\u202e\ufffd"');
  expect(xml).toContain(']]&gt;&#13;\n\t"\'</failure>');
  expect(xml).not.toContain('\u0000');
});

test('an objective is a case of its own', () => {
  const xml = junitXml([{ record: hostileRecord(), changes: null, exitCode: 1 }]);
  expect(xml).toContain(
    'classname="adversarial-probe.objectives" time="0">\n      <failure message="detection_rate was 50%, objective at least 95%" type="objective">',
  );
});

test('a run that tested nothing is never green', () => {
  const refused = one({ verdict: 'refused', reason: 'drills are halted', findings: [], targets: [] });
  expect(refused).toContain('tests="1" failures="0" errors="1"');
  expect(refused).toContain('<error message="drills are halted" type="refused">');
  expect(one({ verdict: 'failed', reason: 'steady state lost', findings: [], targets: [] })).toContain(
    '<failure message="steady state lost" type="failed">',
  );
  expect(one({ verdict: 'passed', findings: [finding({ state: 'holds' })], residue: ['a network is left'] })).toContain('type="residue"');
});

test('with a baseline only what is new or changed has a case, and what is gone is said', () => {
  const before = record({
    id: '01BEFORE',
    findings: [finding(), finding({ probe: 'FS-01', state: 'holds', title: 'x' }), finding({ probe: 'GONE-1', title: 'y' })],
  });
  const now = record({
    findings: [finding(), finding({ probe: 'FS-01', title: 'x' }), finding({ probe: 'NEW-1', state: 'inconclusive', title: 'z' })],
  });
  const xml = junitXml([{ record: now, changes: changesSince(before, now), exitCode: 1 }]);
  expect(xml.match(/<testcase name="[^"]*"/g)).toEqual(['<testcase name="FS-01 x"', '<testcase name="NEW-1 z"']);
  expect(xml).toContain('gone since run 01BEFORE: GONE-1 y (broken)');
  const same = junitXml([{ record: before, changes: changesSince(before, before), exitCode: 0 }]);
  expect(same).not.toContain('<testcase');
  // nothing new was found, and the run failed all the same
  const lost = junitXml([{ record: { ...before, reason: 'steady state lost' }, changes: changesSince(before, before), exitCode: 1 }]);
  expect(lost).toContain('<failure message="steady state lost" type="failed">');
});
