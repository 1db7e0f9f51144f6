import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { changesSince } from '../../src/report/changes.ts';
import { junitXml, type Reported } from '../../src/report/junit.ts';
import { sarifLog } from '../../src/report/sarif.ts';
import { finding, hostileRecord, record, target } from '../../src/report/testkit.ts';
import { junitProblems, sarif } from './formats.ts';
import { readXml } from './read-xml.ts';

const before = record({ id: '01BEFORE', findings: [finding(), finding({ probe: 'GONE-1' })] });
const reported: readonly Reported[] = [
  { record: hostileRecord(), changes: null, exitCode: 1 },
  {
    record: record({ drill: 'second', verdict: 'error', endedAt: null, durationMs: null, findings: [], targets: [] }),
    changes: null,
    exitCode: 1,
  },
  { record: record({ drill: 'third' }), changes: changesSince(before, record({ drill: 'third' })), exitCode: 1 },
];
const log = (some: readonly Reported[]) =>
  sarifLog(some, { version: '0.1.0', rule: () => null, place: () => ({ path: 'a b/ü #1.yml', line: 0 }) });

const anything = fc.string({ unit: 'binary', maxLength: 12 });
const someRecord = fc
  .array(
    fc.record({
      probe: anything,
      title: anything,
      target: fc.constantFrom('one', 'two', null),
      state: fc.constantFrom('holds', 'broken', 'inconclusive', 'not-applicable'),
      severity: fc.constantFrom('critical', 'high', 'medium', 'low'),
      evidence: anything,
      waivedUntil: fc.constantFrom(null, '2027-01-31T00:00:00.000Z'),
    }),
    { maxLength: 8 },
  )
  .map((findings) =>
    record({
      findings: findings.map((one) => ({ ...one, title: one.title || 't', probe: one.probe || 'P' })) as never,
      targets: [target('one', 'svc'), target('two', 'svc')],
    }),
  );

test('JUnit has what its readers ask for, whatever was found', () => {
  expect(junitProblems(readXml(junitXml(reported)))).toEqual([]);
  fc.assert(
    fc.property(someRecord, (one) => {
      expect(junitProblems(readXml(junitXml([{ record: one, changes: null, exitCode: 1 }])))).toEqual([]);
    }),
  );
});

test('SARIF has what the standard and GitHub ask for, whatever was found', () => {
  expect(sarif.safeParse(log(reported)).error?.issues ?? []).toEqual([]);
  fc.assert(
    fc.property(someRecord, (one) => {
      expect(sarif.safeParse(log([{ record: one, changes: null, exitCode: 1 }])).error?.issues ?? []).toEqual([]);
    }),
  );
});

/**
 * The documents themselves, where they are at hand: `JUnit.xsd` (github.com/windyroad/JUnit-Schema, Apache-2.0) and `sarif-schema-2.1.0.json`
 * (github.com/oasis-tcs/sarif-spec), in `fixtures` or in the folder that PITWALL_SCHEMAS names.
 */
const schemas = process.env.PITWALL_SCHEMAS ?? join(import.meta.dirname, 'fixtures');
const xsd = join(schemas, 'JUnit.xsd');
const schemaFile = join(schemas, 'sarif-schema-2.1.0.json');

describe.skipIf(!existsSync(xsd))('JUnit.xsd', () => {
  test('takes our reports, and none with a mistake', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'pitwall-junit-'));
    const file = join(folder, 'j.xml');
    const valid = async (xml: string) => {
      writeFileSync(file, xml);
      return promisify(execFile)('xmllint', ['--noout', '--schema', xsd, file]).then(
        () => '',
        (error: Error & { readonly stderr?: string }) => error.stderr || error.message,
      );
    };
    try {
      expect(await valid(junitXml(reported))).toBe('');
      expect(await valid(junitXml(reported).replace('hostname=', 'host='))).toMatch(/hostname/);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe.skipIf(!existsSync(schemaFile))('the schema of SARIF 2.1.0', () => {
  test('takes our reports, and none with a mistake', () => {
    // draft 4 says `id` for what the validator knows as `$id`; nothing else that the schema uses has changed its meaning since
    const { $schema: _draft, id: _id, ...schema } = JSON.parse(readFileSync(schemaFile, 'utf8')) as Record<string, unknown>;
    const ajv = new Ajv({ strict: false, allErrors: true });
    addFormats.default(ajv);
    const validate = ajv.compile(schema);
    validate(log(reported));
    expect(validate.errors ?? []).toEqual([]);
    expect(validate({ ...log(reported), version: '2.0.0' })).toBe(false);
  });
});
