import { createHash } from 'node:crypto';
import type { RunRecord, Severity } from '../../domain/words.ts';
import { type Asked, asked } from '../identity.ts';
import type { Changes } from './changes.ts';
import type { Reported } from './junit.ts';

/** A place in a file of the repository, from 1. */
export interface SourcePlace {
  /** Relative to the root of the repository, with slashes. */
  readonly path: string;
  readonly line: number;
}

/** What a probe is, whatever it found: for the rules. */
export interface RuleText {
  readonly title: string;
  readonly description: string;
  readonly help: string;
  readonly tags: readonly string[];
}

export interface SarifOptions {
  readonly version: string;
  /** Where the project is at home. (Default: not said.) */
  readonly informationUri?: string | undefined;
  /** Null for a probe that has no entry in a catalogue. */
  rule(probe: string): RuleText | null;
  /** Where to look at what a finding is about: a place there always is, for a result without one is rejected. */
  place(record: RunRecord, finding: Asked): SourcePlace;
}

type Json = Readonly<Record<string, unknown>>;

/** GitHub's: https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning */
const mostResults = 25_000;
const mostTags = 20;

const scores: Readonly<Record<Severity, string>> = { critical: '9.0', high: '7.0', medium: '4.0', low: '1.0' };
const ranks: readonly Severity[] = ['low', 'medium', 'high', 'critical'];

/**
 * Runs as one SARIF 2.1.0 log, one `run` each. What is broken or inconclusive is a result; a waived one has a suppression. Replicas of a service are
 * one result. With a baseline every result says how it stands to that.
 */
export function sarifLog(reported: readonly Reported[], options: SarifOptions): Json {
  return {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: reported.map(({ record, changes }) => runOf(record, changes, options)),
  };
}

function runOf(record: RunRecord, changes: Changes | null, options: SarifOptions): Json {
  const wrong = asked(record).filter(({ worst }) => worst.state === 'broken' || worst.state === 'inconclusive');
  // of more than a reader takes, those that weigh most
  const most = wrong.length <= mostResults ? wrong : wrong.toSorted((a, b) => weight(b) - weight(a)).slice(0, mostResults);
  // targets are worked on side by side: the file must not tell which of them ended first
  const kept = most.toSorted((a, b) => compare(a.subject, b.subject) || compare(a.worst.probe, b.worst.probe) || compare(a.key, b.key));
  const ids = [...new Set(kept.map(({ worst }) => worst.probe))].sort();
  return {
    tool: {
      driver: {
        name: 'Pitwall',
        version: options.version,
        ...(options.informationUri === undefined ? {} : { informationUri: options.informationUri }),
        rules: ids.map((id) => ruleOf(id, kept, options)),
      },
    },
    // one category for each drill and engine: otherwise a second run of the tool in one file is refused
    automationDetails: { id: `pitwall/${record.drill ?? record.kind}/${record.engine.name}/` },
    invocations: [
      {
        executionSuccessful: record.verdict === 'passed' || record.verdict === 'failed' || record.verdict === 'inconclusive',
        startTimeUtc: record.startedAt,
        ...(record.endedAt === null ? {} : { endTimeUtc: record.endedAt }),
        ...(wrong.length > kept.length
          ? {
              toolExecutionNotifications: [
                { level: 'warning', message: { text: `${wrong.length - kept.length} more results were left out` } },
              ],
            }
          : {}),
      },
    ],
    columnKind: 'utf16CodeUnits',
    results: kept.map((one) => resultOf(one, ids.indexOf(one.worst.probe), record, changes, options)),
    properties: {
      run: record.id,
      verdict: record.verdict,
      reason: record.reason,
      seed: record.seed,
      definition: record.definition,
      ...(changes === null ? {} : { baseline: changes.baseline }),
    },
  };
}

function ruleOf(id: string, wrong: readonly Asked[], options: SarifOptions): Json {
  const mine = wrong.filter(({ worst }) => worst.probe === id);
  const severity = ranks[Math.max(...mine.map(({ worst }) => ranks.indexOf(worst.severity)))] ?? 'medium';
  const [first] = mine;
  const { title, description, help, tags } = options.rule(id) ?? {
    title: first?.worst.title ?? id,
    description: first?.worst.title ?? id,
    help: `See what was found: pitwall show RUN. Probe ${id}.`,
    tags: [],
  };
  return {
    id,
    shortDescription: { text: cut(title, 1_024) },
    fullDescription: { text: cut(description, 1_024) },
    help: { text: help },
    defaultConfiguration: { level: levels[severity] },
    properties: { 'security-severity': scores[severity], tags: [...new Set(['security', ...tags])].slice(0, mostTags) },
  };
}

const levels: Readonly<Record<Severity, 'error' | 'warning' | 'note'>> = {
  critical: 'error',
  high: 'error',
  medium: 'warning',
  low: 'note',
};

function resultOf(one: Asked, ruleIndex: number, record: RunRecord, changes: Changes | null, options: SarifOptions): Json {
  const { worst, subject } = one;
  const { path, line } = options.place(record, one);
  const unknown = worst.state === 'inconclusive';
  const serious = worst.severity === 'critical' || worst.severity === 'high';
  const where = subject === '' ? '' : `${subject}: `;
  const shown = one.all.filter((finding) => finding.state === worst.state);
  const evidence = [...new Set(shown.map((finding) => finding.evidence))].join('\n');
  return {
    ruleId: worst.probe,
    ruleIndex,
    level: unknown ? (serious ? 'warning' : 'note') : levels[worst.severity],
    message: { text: `${where}${worst.title}: ${worst.state}. ${evidence}`.trim() },
    locations: [
      {
        physicalLocation: { artifactLocation: { uri: encodePath(path) }, region: { startLine: Math.max(1, line) } },
        ...(subject === '' ? {} : { logicalLocations: [{ name: subject, kind: 'resource' }] }),
      },
    ],
    partialFingerprints: { 'pitwallFinding/v1': fingerprint(record.kind, one) },
    ...(worst.waivedUntil === null
      ? {}
      : { suppressions: [{ kind: 'external', status: 'accepted', justification: `waived in the drill file until ${worst.waivedUntil}` }] }),
    ...(changes === null ? {} : { baselineState: { new: 'new', changed: 'updated', unchanged: 'unchanged' }[changes.of(worst)] }),
    properties: { state: worst.state, severity: worst.severity, targets: [...new Set(shown.flatMap(({ target }) => target ?? []))] },
  };
}

/** The same as long as the same is found of the same service: no line, run, replica or evidence is in it. */
function fingerprint(kind: string, { key }: Asked): string {
  return createHash('sha256').update(`${kind}\n${key}`).digest('hex');
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function weight({ worst }: Asked): number {
  return (worst.state === 'broken' ? 10 : 0) + ranks.indexOf(worst.severity);
}

function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}

function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}
