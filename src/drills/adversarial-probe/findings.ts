import { instant } from '../../domain/clock.ts';
import type { Target } from '../../domain/target.ts';
import type { Finding } from '../../domain/words.ts';
import { type Answer, inconclusive, type Probe } from '../../probes/probe.ts';
import type { Probed } from '../../probes/probe-target.ts';
import type { Tested } from '../../probes/self-test.ts';
import type { Params } from './params.ts';
import { serviceOf } from './services.ts';
import { expired, waivedUntil, waiverFor, waiverNote } from './waivers.ts';

/** What is recorded of one target: a finding for each probe, one more where API and kernel disagree, and one on the dummy itself. */
export function findingsOf(
  target: Target,
  { evaluated, likeness }: Probed,
  tested: ReadonlyMap<string, Tested> | null,
  params: Params,
  now: number,
): Finding[] {
  return [
    ...(likeness === null ? [] : [likenessFinding(target, likeness)]),
    ...evaluated.flatMap(({ probe, answer }) => {
      const found = (title: string, id: string, given: Answer) =>
        waived(
          { ...plain(probe, target, tested === null ? given : believe(given, tested.get(probe.id))), probe: id, title },
          probe.id,
          target,
          params,
          now,
        );
      const { disagreement } = answer;
      if (disagreement === undefined) return [found(probe.title, probe.id, answer)];
      const claim = { state: 'broken' as const, evidence: disagreement };
      return [found(probe.title, probe.id, answer), found(`API and kernel agree: ${probe.title}`, `${probe.id}:claim`, claim)];
    }),
  ];
}

/** An instrument that was not seen to fail where it must measures nothing. */
function believe(answer: Answer, tested: Tested | undefined): Answer {
  if (tested === undefined || tested.outcome === 'red' || answer.state === 'not-applicable' || answer.state === 'inconclusive')
    return answer;
  if (tested.outcome === 'untested') return { ...answer, evidence: `${answer.evidence} (not self-tested here: ${tested.reason})` };
  return inconclusive(
    `the self-test did not see it fail (${tested.reason}), so its answer counts for nothing: ${answer.state}, ${answer.evidence}`,
  );
}

function plain(probe: Probe, target: Target, { state, evidence }: Answer): Finding {
  return { probe: probe.id, title: probe.title, target: target.name, state, severity: probe.severity, evidence, waivedUntil: null };
}

function likenessFinding(target: Target, { state, evidence }: Answer): Finding {
  return {
    probe: 'DUMMY',
    title: 'The dummy is confined as its original is',
    target: target.name,
    state,
    severity: 'high',
    evidence,
    waivedUntil: null,
  };
}

function waived(finding: Finding, probe: string, target: Target, params: Params, now: number): Finding {
  if (finding.state !== 'broken' && finding.state !== 'inconclusive') return finding;
  const service = serviceOf(target);
  const waiver = waiverFor(probe, service, params.waivers, now);
  if (waiver !== null)
    return { ...finding, evidence: `${waiverNote(waiver)}. ${finding.evidence}`, waivedUntil: instant(waivedUntil(waiver)) };
  const ranOut = params.waivers.filter((one) => one.probe === probe && (one.service === undefined || one.service === service));
  return ranOut.length === 0 ? finding : { ...finding, evidence: `${expired(ranOut, now).join('; ')}. ${finding.evidence}` };
}

/** `2 broken, 71 hold, 4 not applicable`, the worst first. */
export function tally(findings: readonly Finding[]): string {
  const words = { broken: 'broken', inconclusive: 'inconclusive', holds: 'hold', 'not-applicable': 'not applicable' } as const;
  const counted = (Object.keys(words) as (keyof typeof words)[]).map((state) => ({
    state,
    count: findings.filter((finding) => finding.state === state).length,
  }));
  const waivedCount = findings.filter(({ waivedUntil: until }) => until !== null).length;
  const parts = counted.filter(({ count }) => count > 0).map(({ state, count }) => `${count} ${words[state]}`);
  return [...parts, ...(waivedCount > 0 ? [`${waivedCount} waived`] : [])].join(', ');
}
