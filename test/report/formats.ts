import { z } from 'zod';
import type { Element } from './read-xml.ts';

/**
 * What readers of our reports ask for, written here from the documents themselves and not from our code: JUnit as the schemas of Ant and of Jenkins both
 * have it, SARIF as the standard's section 3 and GitHub's page have it, for the parts that we write; anything else is refused.
 */

const required: Readonly<Record<string, readonly string[]>> = {
  testsuites: [],
  testsuite: ['name', 'package', 'id', 'timestamp', 'hostname', 'tests', 'failures', 'errors', 'skipped', 'time'],
  properties: [],
  property: ['name', 'value'],
  testcase: ['name', 'classname', 'time'],
  failure: ['message', 'type'],
  error: ['message', 'type'],
  skipped: [],
  'system-out': [],
  'system-err': [],
};
const within: Readonly<Record<string, RegExp>> = {
  testsuites: /^(testsuite )*$/,
  testsuite: /^properties (testcase )*system-out system-err $/,
  properties: /^(property )*$/,
  testcase: /^((failure|error|skipped) )?$/,
};

/** What is wrong with a JUnit report, a sentence each. */
export function junitProblems(root: Element): string[] {
  if (root.name !== 'testsuites') return ['the root is no testsuites'];
  return [
    ...wrongIn(root),
    ...root.children.flatMap(countsOf),
    ...root.children.flatMap((suite, i) => (suite.attributes.id === String(i) ? [] : ['ids do not ascend'])),
  ];
}

function wrongIn({ name, attributes, children }: Element): string[] {
  const asked = required[name];
  if (asked === undefined) return [`${name} is no element of JUnit`];
  const order = children.map((child) => `${child.name} `).join('');
  return [
    ...asked.filter((key) => attributes[key] === undefined).map((key) => `${name} lacks ${key}`),
    ...Object.keys(attributes)
      .filter((key) => !asked.includes(key))
      .map((key) => `${name} has ${key}`),
    ...((within[name] ?? /^$/).test(order) ? [] : [`${name} holds ${order}`]),
    ...(name === 'testsuite' && attributes.name === '' ? ['a testsuite has no name'] : []),
    ...(attributes.time === undefined || /^\d+(\.\d+)?$/.test(attributes.time) ? [] : ['a time is no number of seconds']),
    ...(attributes.timestamp === undefined || /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(attributes.timestamp)
      ? []
      : ['a timestamp has a zone or a fraction']),
    ...children.flatMap(wrongIn),
  ];
}

function countsOf({ attributes, children }: Element): string[] {
  const cases = children.filter(({ name }) => name === 'testcase');
  const count = (tag: string) => cases.filter((one) => one.children[0]?.name === tag).length;
  const real = { tests: cases.length, failures: count('failure'), errors: count('error'), skipped: count('skipped') };
  return Object.entries(real).flatMap(([key, value]) =>
    attributes[key] === String(value) ? [] : [`${key} is ${attributes[key]}, not ${value}`],
  );
}

const message = z.strictObject({ text: z.string().min(1) });
const level = z.enum(['none', 'note', 'warning', 'error']);
const bag = z.record(z.string(), z.unknown());
const instant = z.iso.datetime();

const rule = z.strictObject({
  id: z.string().min(1),
  shortDescription: message,
  fullDescription: message,
  help: message,
  defaultConfiguration: z.strictObject({ level }),
  properties: z.strictObject({ 'security-severity': z.string().regex(/^(10|\d)\.\d$/), tags: z.array(z.string()).max(20) }),
});
const result = z.strictObject({
  ruleId: z.string(),
  ruleIndex: z.int().min(0),
  level,
  message,
  locations: z
    .array(
      z.strictObject({
        physicalLocation: z.strictObject({
          // a path of the repository: relative, and with nothing that a URI has no place for
          artifactLocation: z.strictObject({ uri: z.string().regex(/^(?!\/|\.\.)[\w.~!$&'()*+,;=:@%/-]+$/) }),
          region: z.strictObject({ startLine: z.int().min(1) }),
        }),
        logicalLocations: z.array(z.strictObject({ name: z.string().min(1), kind: z.string() })).optional(),
      }),
    )
    .min(1),
  partialFingerprints: z.record(z.string(), z.string().min(1)),
  suppressions: z
    .array(
      z.strictObject({
        kind: z.enum(['inSource', 'external']),
        status: z.enum(['accepted', 'underReview', 'rejected']),
        justification: z.string(),
      }),
    )
    .optional(),
  baselineState: z.enum(['new', 'unchanged', 'updated', 'absent']).optional(),
  properties: bag,
});

export const sarif = z
  .strictObject({
    $schema: z.url(),
    version: z.literal('2.1.0'),
    runs: z
      .array(
        z.strictObject({
          tool: z.strictObject({ driver: z.strictObject({ name: z.string().min(1), version: z.string().min(1), rules: z.array(rule) }) }),
          automationDetails: z.strictObject({ id: z.string().regex(/.+\/$/) }),
          invocations: z.array(
            z.strictObject({
              executionSuccessful: z.boolean(),
              startTimeUtc: instant,
              endTimeUtc: instant.optional(),
              toolExecutionNotifications: z.array(z.strictObject({ level, message })).optional(),
            }),
          ),
          columnKind: z.enum(['utf16CodeUnits', 'unicodeCodePoints']),
          results: z.array(result).max(25_000),
          properties: bag,
        }),
      )
      .max(20),
  })
  .superRefine(({ runs }, context) => {
    const wrong = (text: string) => context.addIssue({ code: 'custom', message: text });
    if (new Set(runs.map(({ automationDetails }) => automationDetails.id)).size < runs.length) wrong('two runs of one category');
    for (const { tool, results } of runs) {
      for (const { ruleId, ruleIndex } of results)
        if (tool.driver.rules[ruleIndex]?.id !== ruleId) wrong(`${ruleId} is not rule ${ruleIndex}`);
      const prints = results.map(({ partialFingerprints }) => JSON.stringify(partialFingerprints));
      if (new Set(prints).size < prints.length) wrong('two results of one fingerprint');
    }
  });
