import { formatAmount } from '../../domain/amount.ts';
import { EngineError, type ExitCode, errorBody, exitCodeOf, exitCodes, PitwallError } from '../../domain/errors.ts';
import { type Objectives, unmeasured } from '../../domain/objectives.ts';
import type { Finding, Measurement, Severity, Verdict } from '../../domain/words.ts';
import type { Aborted } from './abort.ts';

export interface Outcome {
  /** What ended the run early, if anything did. */
  readonly error: unknown;
  readonly aborted: Aborted | null;
  /** Whether anything was touched. */
  readonly acted: boolean;
  /** Whether there was anything to do; when not, objectives cannot be missed. */
  readonly idle: boolean;
  /** Names of the targets that were worked on. */
  readonly worked: readonly string[];
  /** Sentences on steady state lost during or after. */
  readonly lost: readonly string[];
  readonly objectives: Objectives;
  readonly measurements: readonly Measurement[];
  readonly findings: readonly Finding[];
  readonly failOn: Severity;
  readonly residue: readonly string[];
  /** What the verdict says when all went well. */
  readonly summary: string;
}

export interface Judgement {
  readonly verdict: Verdict;
  readonly reason: string;
  readonly exitCode: ExitCode;
  /** From the error that ended it. */
  readonly hint: string | null;
}

type Judged = Omit<Judgement, 'hint'>;

const ranks: Readonly<Record<Severity, number>> = { low: 0, medium: 1, high: 2, critical: 3 };

/** DESIGN, "Verdicts and exit codes". Residue decides the exit code whatever else happened. */
export function judgeRun(outcome: Outcome): Judgement {
  const judged = { ...withoutResidue(outcome), hint: outcome.error === null ? null : errorBody(outcome.error).error.hint };
  if (outcome.residue.length === 0) return judged;
  return { ...judged, reason: `${judged.reason}; left behind: ${outcome.residue.join('; ')}`, exitCode: exitCodes.residue };
}

function withoutResidue(outcome: Outcome): Judged {
  if (outcome.error !== null) return ofError(outcome.error, outcome);
  if (outcome.aborted) return ofAbort(outcome.aborted, outcome.acted);
  if (outcome.lost.length > 0) return failed(outcome.lost.join('; '));
  const missed = outcome.measurements.filter((measurement) => measurement.met === false);
  if (missed.length > 0) return failed(missed.map(missedSentence).join('; '));
  const broken = outcome.findings.filter((finding) => counts(finding, 'broken') && ranks[finding.severity] >= ranks[outcome.failOn]);
  if (broken.length > 0) return failed(namesOf(broken, 'broken'));
  const unknown = outcome.findings.filter((finding) => counts(finding, 'inconclusive') && ranks[finding.severity] >= ranks.high);
  if (unknown.length > 0) return inconclusive(namesOf(unknown, 'inconclusive'));
  const without = outcome.idle ? [] : unmeasured(outcome.objectives, outcome.measurements, outcome.worked);
  if (without.length > 0)
    return inconclusive(
      `the objective ${without.join(', ')} was not measured${without.some((name) => name.startsWith('downtime')) ? ' (it needs a steady-state check that makes requests)' : ''}`,
    );
  return { verdict: 'passed', reason: outcome.summary, exitCode: exitCodes.ok };
}

const mostNamed = 4;

/** The gravest by name, the others by number: the record lists all of them. */
function namesOf(findings: readonly Finding[], state: Finding['state']): string {
  const names = new Set(
    findings
      .toSorted((a, b) => ranks[b.severity] - ranks[a.severity])
      .map(({ probe, title, target }) => `${probe} ${title}${target === null ? '' : ` (${target})`}: ${state}`),
  );
  const shown = [...names].slice(0, mostNamed).join('; ');
  return names.size <= mostNamed ? shown : `${shown}; and ${names.size - mostNamed} more`;
}

function counts(finding: Finding, state: Finding['state']): boolean {
  return finding.state === state && finding.waivedUntil === null;
}

function ofError(error: unknown, outcome: Outcome): Judged {
  const { message } = errorBody(error).error;
  if (!(error instanceof PitwallError)) return { verdict: 'error', reason: message, exitCode: exitCodes.defect };
  if (error instanceof EngineError) {
    if (error.code === 'engine_identity') return { verdict: 'refused', reason: message, exitCode: exitCodes.refused };
    if (error.lost || error.code === 'engine_version') return { verdict: 'error', reason: message, exitCode: exitCodes.engine };
    // the engine answered, and said no: what was tried failed
    return outcome.acted ? failed(message) : { verdict: 'error', reason: message, exitCode: exitCodes.engine };
  }
  const exitCode = exitCodeOf(error);
  switch (exitCode) {
    case exitCodes.refused:
      return { verdict: 'refused', reason: message, exitCode };
    case exitCodes.inconclusive:
      return inconclusive(message);
    case exitCodes.failed:
      return failed(message);
    default:
      return { verdict: 'error', reason: message, exitCode };
  }
}

function ofAbort(aborted: Aborted, acted: boolean): Judged {
  if (aborted.cause === 'timeout')
    return acted ? failed(aborted.message) : { verdict: 'refused', reason: aborted.message, exitCode: exitCodes.refused };
  if (aborted.cause === 'database') return { verdict: 'error', reason: aborted.message, exitCode: exitCodes.database };
  return { verdict: 'aborted', reason: aborted.message, exitCode: exitCodes.refused };
}

function missedSentence(measurement: Measurement): string {
  const bound = measurement.objective;
  const limit =
    bound === null
      ? ''
      : 'max' in bound
        ? `at most ${formatAmount(bound.max, measurement.unit)}`
        : `at least ${formatAmount(bound.min, measurement.unit)}`;
  return `${measurement.name}${measurement.target ? ` of ${measurement.target}` : ''} was ${formatAmount(measurement.value, measurement.unit)}, objective ${limit}`;
}

function failed(reason: string): Judged {
  return { verdict: 'failed', reason, exitCode: exitCodes.failed };
}

function inconclusive(reason: string): Judged {
  return { verdict: 'inconclusive', reason, exitCode: exitCodes.inconclusive };
}
