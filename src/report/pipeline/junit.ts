import { formatAmount } from '../../domain/amount.ts';
import { type ExitCode, exitCodes } from '../../domain/errors.ts';
import type { Finding, Measurement, RunRecord } from '../../domain/words.ts';
import type { Changes } from './changes.ts';
import { xmlAttributes, xmlText } from './xml.ts';

export interface Reported {
  readonly record: RunRecord;
  /** What the run came to; with a baseline, what its changes came to. */
  readonly exitCode: ExitCode;
  /** Since an earlier run; null without one. */
  readonly changes: Changes | null;
}

interface Case {
  readonly classname: string;
  readonly name: string;
  readonly result: {
    readonly tag: 'failure' | 'error' | 'skipped';
    readonly message: string;
    readonly type: string;
    readonly text: string;
  } | null;
}

/**
 * Runs as one JUnit document: a suite for each target, a case for each finding and each objective. Broken is a failure, inconclusive an error, not
 * applicable skipped; so is a waived one, with its date. With a baseline only what is new or changed has a case. A run that ended otherwise than its cases say
 * has a case of its own, so that nothing untested looks green. Valid by the schemas of Ant (`JUnit.xsd`) and of Jenkins (`junit-10.xsd`).
 */
export function junitXml(reported: readonly Reported[]): string {
  const suites = reported.flatMap(suitesOf);
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${suites.map((suite, id) => suiteXml(suite, id)).join('')}</testsuites>\n`;
}

interface Suite {
  readonly name: string;
  readonly record: RunRecord;
  readonly cases: readonly Case[];
  readonly changes: Changes | null;
}

function suitesOf({ record, changes, exitCode }: Reported): Suite[] {
  const cases = new Map<string | null, Case[]>();
  const add = (target: string | null, one: Case) => cases.set(target, [...(cases.get(target) ?? []), one]);
  // a target that nothing was found of is still named
  for (const target of record.targets) if (target.leftOut === null) cases.set(target.name, []);
  for (const finding of record.findings) {
    if (changes !== null && changes.of(finding) === 'unchanged') continue;
    add(finding.target, findingCase(record, finding));
  }
  for (const measurement of record.measurements)
    if (measurement.objective !== null) add(measurement.target, objectiveCase(record, measurement));
  const said = [...cases.values()].flat().map((one) => one.result?.tag);
  const own = verdictCase(record, exitCode, said.includes('failure') || said.includes('error'));
  if (own !== null) add(null, own);
  const drill = record.drill ?? record.kind;
  return [...cases].map(([target, all]) => ({ name: target ?? drill, record, cases: all, changes }));
}

function findingCase(record: RunRecord, finding: Finding): Case {
  const { state, severity, evidence, waivedUntil } = finding;
  const base = { classname: `${record.kind}.${groupOf(finding.probe)}`, name: `${finding.probe} ${finding.title}` };
  const result = (tag: 'failure' | 'error' | 'skipped', message: string) => ({
    ...base,
    result: { tag, message, type: severity, text: evidence },
  });
  if (state === 'not-applicable') return result('skipped', 'not applicable');
  if (state === 'holds') return { ...base, result: null };
  if (waivedUntil !== null) return result('skipped', `${state}, waived until ${waivedUntil}`);
  return state === 'broken' ? result('failure', `broken (${severity})`) : result('error', `inconclusive (${severity})`);
}

function objectiveCase(record: RunRecord, { name, value, unit, objective, met }: Measurement): Case {
  const bound =
    objective === null
      ? ''
      : 'max' in objective
        ? `at most ${formatAmount(objective.max, unit)}`
        : `at least ${formatAmount(objective.min, unit)}`;
  const sentence = `${name} was ${formatAmount(value, unit)}, objective ${bound}`;
  const base = { classname: `${record.kind}.objectives`, name: `${name} is ${bound}` };
  return met === false
    ? { ...base, result: { tag: 'failure', message: sentence, type: 'objective', text: sentence } }
    : { ...base, result: null };
}

/** Null where the other cases say it all. */
function verdictCase(record: RunRecord, exitCode: ExitCode, said: boolean): Case | null {
  const { verdict, reason, residue } = record;
  const ended = verdict === 'failed' || verdict === 'inconclusive' || verdict === 'passed';
  if (exitCode === exitCodes.ok || (ended && said && residue.length === 0)) return null;
  return {
    classname: `${record.kind}.run`,
    name: `${record.drill ?? record.kind} ran to its end`,
    result: {
      tag: verdict === 'failed' && residue.length === 0 ? 'failure' : 'error',
      message: reason,
      type: residue.length > 0 ? 'residue' : (verdict ?? 'running'),
      text: [reason, ...residue].join('\n'),
    },
  };
}

/** `PRV-04` → `PRV`. */
function groupOf(probe: string): string {
  return probe.split('-')[0] ?? probe;
}

function suiteXml({ name, record, cases, changes }: Suite, id: number): string {
  const count = (tag: string) => cases.filter((one) => one.result?.tag === tag).length;
  const drill = record.drill ?? record.kind;
  const attributes = xmlAttributes({
    name,
    package: drill === '' ? record.kind : drill,
    id,
    timestamp: record.startedAt.slice(0, 19),
    hostname: record.engine.name,
    tests: cases.length,
    failures: count('failure'),
    errors: count('error'),
    skipped: count('skipped'),
    time: seconds(record.durationMs ?? 0),
  });
  const properties: Readonly<Record<string, string | null>> = {
    run: record.id,
    drill: record.drill,
    kind: record.kind,
    verdict: record.verdict,
    engine: record.engine.name,
    'engine.version': record.engine.version,
    environment: record.engine.environment,
    seed: record.seed,
    definition: record.definition,
    baseline: changes?.baseline ?? null,
  };
  const listed = Object.entries(properties)
    .filter(([, value]) => value !== null)
    .map(([key, value]) => `      <property${xmlAttributes({ name: key, value })}/>\n`);
  return [
    `  <testsuite${attributes}>\n`,
    `    <properties>\n${listed.join('')}    </properties>\n`,
    ...cases.map(caseXml),
    `    <system-out>${xmlText(changes === null ? '' : goneText(changes, record, name))}</system-out>\n    <system-err></system-err>\n`,
    '  </testsuite>\n',
  ].join('');
}

function caseXml({ classname, name, result }: Case): string {
  const head = `    <testcase${xmlAttributes({ name, classname, time: 0 })}`;
  if (result === null) return `${head}/>\n`;
  const { tag, message, type, text } = result;
  // of `skipped` Jenkins knows the text alone
  if (tag === 'skipped') return `${head}>\n      <skipped>${xmlText(`${message}: ${text}`)}</skipped>\n    </testcase>\n`;
  return `${head}>\n      <${tag}${xmlAttributes({ message, type })}>${xmlText(text)}</${tag}>\n    </testcase>\n`;
}

/** A finding that is no more has no case of its own: it is said in words. */
function goneText(changes: Changes, record: RunRecord, suite: string): string {
  const here = (target: string | null) => (target ?? record.drill ?? record.kind) === suite;
  return changes.gone
    .filter(({ target }) => here(target))
    .map(({ probe, title, state }) => `gone since run ${changes.baseline}: ${probe} ${title} (${state})\n`)
    .join('');
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(3);
}
