import type { Finding, RunRecord } from '../domain/words.ts';

type Findings = Pick<RunRecord, 'targets' | 'findings'>;

/** What a finding is about, the same for every replica and every run: the service, or the container's name where it is of none. */
export function subjectOf(record: Pick<RunRecord, 'targets'>, finding: Pick<Finding, 'target'>): string {
  if (finding.target === null) return '';
  return record.targets.find((target) => target.name === finding.target)?.service ?? finding.target;
}

/** The same for the same question asked again: no run, engine, line, replica or evidence is in it. */
export function keyOf(record: Pick<RunRecord, 'targets'>, finding: Finding): string {
  return JSON.stringify([finding.probe, subjectOf(record, finding), finding.title]);
}

/** A question, and what came of it on every replica of a service. */
export interface Asked {
  readonly key: string;
  readonly subject: string;
  /** The answer that weighs most. */
  readonly worst: Finding;
  /** All of them, in the order of the record. */
  readonly all: readonly Finding[];
}

/** The findings of a run by what they are about, in the order of their first. */
export function asked(record: Findings): readonly Asked[] {
  const byKey = new Map<string, Finding[]>();
  for (const finding of record.findings) {
    const key = keyOf(record, finding);
    const all = byKey.get(key);
    if (all === undefined) byKey.set(key, [finding]);
    else all.push(finding);
  }
  return [...byKey].map(([key, all]) => {
    const worst = all.reduce((most, one) => (weight(one) > weight(most) ? one : most));
    return { key, subject: subjectOf(record, worst), worst, all };
  });
}

/** A waived one weighs less than the same unwaived, and more than all that is not wrong. */
function weight(finding: Finding): number {
  const states = { broken: 6, inconclusive: 4, holds: 1, 'not-applicable': 0 } as const;
  const severities = { critical: 0.9, high: 0.7, medium: 0.4, low: 0.1 } as const;
  const waived = finding.waivedUntil !== null && states[finding.state] > 1;
  return (waived ? states[finding.state] / 2 - 0.5 : states[finding.state]) + severities[finding.severity];
}
