import { expect, test } from 'vitest';
import { finding, hostileRecord, record } from '../testkit.ts';
import { changesSince } from './changes.ts';
import { sarifLog } from './sarif.ts';

interface Result {
  readonly ruleId: string;
  readonly level: string;
  readonly message: { readonly text: string };
  readonly partialFingerprints: Readonly<Record<string, string>>;
  readonly suppressions?: readonly object[];
  readonly baselineState?: string;
  readonly locations: readonly { readonly physicalLocation: unknown }[];
  readonly properties: { readonly targets: readonly string[] };
}
interface Log {
  readonly runs: readonly {
    readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string; readonly properties: unknown }[] } };
    readonly automationDetails: { readonly id: string };
    readonly results: readonly Result[];
  }[];
}

const options = { version: '1', rule: () => null, place: () => ({ path: 'deploy/compose file.yml', line: 7 }) };
const log = (...records: readonly ReturnType<typeof record>[]) =>
  sarifLog(
    records.map((one) => ({ record: one, changes: null, exitCode: 1 })),
    options,
  ) as unknown as Log;
const prints = (one: Log) => one.runs.flatMap((run) => run.results.map((result) => Object.values(result.partialFingerprints)[0]));

test('broken and inconclusive are results, each with a place; a waived one is suppressed', () => {
  const [run] = log(hostileRecord()).runs;
  expect(run?.results.map(({ ruleId, level }) => `${ruleId} ${level}`)).toEqual([
    'SUP-01 note',
    'FS-01 warning',
    'NET-04 warning',
    'SEC-01 note',
    'PRV-04 error',
  ]);
  expect(run?.results.every(({ locations }) => locations.length === 1)).toBe(true);
  expect(run?.results[4]?.locations[0]?.physicalLocation).toEqual({
    artifactLocation: { uri: 'deploy/compose%20file.yml' },
    region: { startLine: 7 },
  });
  expect(run?.results.map(({ suppressions }) => suppressions?.length ?? 0)).toEqual([0, 1, 0, 0, 0]);
  expect(run?.results[4]?.message.text).toBe('web: Seccomp really filters: broken. unshare answered 0');
});

test('a rule has the severity of its worst result, as GitHub reads it', () => {
  const [run] = log(record({ findings: [finding({ severity: 'low' }), finding({ target: 'shop-db-1', severity: 'critical' })] })).runs;
  expect(run?.tool.driver.rules).toHaveLength(1);
  expect(run?.tool.driver.rules[0]?.properties).toEqual({ 'security-severity': '9.0', tags: ['security'] });
});

test('a fingerprint outlives run, evidence, replica and line, and nothing else', () => {
  const first = prints(log(record({ findings: [finding()] })));
  const again = record({ id: '01OTHER', seed: 'x', findings: [finding({ target: 'shop-web-2', evidence: 'otherwise', severity: 'low' })] });
  expect(prints(log(again))).toEqual(first);
  for (const other of [{ probe: 'PRV-05' }, { title: 'else' }, { target: 'shop-db-1' }]) {
    expect(prints(log(record({ findings: [finding(other)] })))).not.toEqual(first);
  }
});

test('replicas are one result, which names those that it was seen on', () => {
  const [run] = log(
    record({ findings: [finding(), finding({ target: 'shop-web-2', state: 'holds' }), finding({ target: 'shop-web-2', title: 'b' })] }),
  ).runs;
  expect(run?.results.map(({ properties }) => properties.targets)).toEqual([['shop-web-1'], ['shop-web-2']]);
});

test('each run has a category of its own, or GitHub takes none of them', () => {
  const ids = log(record(), record({ drill: 'segments' })).runs.map(({ automationDetails }) => automationDetails.id);
  expect(ids).toEqual(['pitwall/sandbox/local/', 'pitwall/segments/local/']);
});

test('of more results than are taken the gravest are kept, and of more tags the first', () => {
  const many = Array.from({ length: 25_010 }, (_, i) => finding({ title: `t${i}`, severity: i < 25_005 ? 'low' : 'critical' }));
  const tags = Array.from({ length: 30 }, (_, i) => `t${i}`);
  const one = sarifLog([{ record: record({ findings: many }), changes: null, exitCode: 1 }], {
    ...options,
    rule: () => ({ title: 't', description: 'd', help: 'h', tags }),
  }) as unknown as Log;
  expect(one.runs[0]?.results).toHaveLength(25_000);
  expect(one.runs[0]?.results.filter(({ level }) => level === 'error')).toHaveLength(5);
  expect(one.runs[0]?.tool.driver.rules[0]?.properties).toMatchObject({ tags: ['security', ...tags.slice(0, 19)] });
  expect(JSON.stringify(one.runs[0])).toContain('10 more results were left out');
});

test('with a baseline each says how it stands to that', () => {
  const before = record({ findings: [finding(), finding({ probe: 'A-1' })] });
  const now = record({ findings: [finding(), finding({ probe: 'A-1', state: 'inconclusive' }), finding({ probe: 'B-1' })] });
  const one = sarifLog([{ record: now, changes: changesSince(before, now), exitCode: 1 }], options) as unknown as Log;
  expect(one.runs[0]?.results.map(({ ruleId, baselineState }) => `${ruleId} ${baselineState}`)).toEqual([
    'A-1 updated',
    'B-1 new',
    'PRV-04 unchanged',
  ]);
});
