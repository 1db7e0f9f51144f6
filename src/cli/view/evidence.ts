import { formatAmount } from '../../domain/amount.ts';
import { instant } from '../../domain/clock.ts';
import { formatDuration } from '../../domain/duration.ts';
import type { CoverageItem, EvidenceCase, FreezeResult, Hold, Seal } from '../../domain/evidence.ts';
import { formatSize } from '../../domain/size.ts';
import type { Output } from '../output.ts';
import { utcTime } from './record.ts';

/** A case right after its freeze: what is in it, what is not, and what to do next. */
export function caseLines(out: Output, { evidence, coverage, seal, outcome }: FreezeResult): string[] {
  return [
    '',
    `${out.paint('strong', evidence.container.name)}  ${outcome}`,
    `  evidence  ${evidence.id}, ${formatSize(evidence.bytes)}, ${stateText(out, evidence)}`,
    `  seal      ${sealText(out, seal.state)}${seal.reasons.length > 0 ? `: ${seal.reasons.join('; ')}` : ''}`,
    ...coverage.filter(({ state }) => state === 'missing' || state === 'partial').map((item) => `  ${coverageText(out, item)}`),
    ...(evidence.push.state === 'none' ? [] : [`  registry  ${evidence.push.reference ?? evidence.push.note ?? 'pushed later'}`]),
    `  next      pitwall evidence show ${evidence.id}`,
    ...(isHeld(evidence.hold) ? [`            pitwall release ${evidence.id} --to resume|kill|quarantine|replace`] : []),
  ];
}

export function stateText(out: Output, { state, coverage }: EvidenceCase): string {
  if (state === 'whole') return out.paint('good', 'whole');
  return out.paint(
    'unsure',
    coverage === null || coverage === 1 || state === 'pruned' ? state : `${state}, ${formatAmount(coverage, 'ratio')} captured`,
  );
}

export function sealText(out: Output, state: Seal['state'] | null): string {
  if (state === null) return 'none';
  return out.paint(state === 'intact' ? 'good' : state === 'broken' ? 'bad' : 'unsure', state);
}

export function coverageText(out: Output, { step, state, reason, share }: CoverageItem): string {
  const how = state === 'partial' ? `${formatAmount(share, 'ratio')} captured` : state;
  return `${step.padEnd(14)} ${out.paint(state === 'captured' ? 'good' : state === 'partial' || state === 'missing' ? 'unsure' : 'quiet', how)}${reason === null ? '' : `: ${reason}`}`;
}

export function isHeld(hold: Hold | null): hold is Hold {
  return hold !== null && hold.state !== 'released';
}

/** How a hold stands, for a list: `frozen, 3 h 20 m left (notify)`. */
export function holdText(out: Output, hold: Hold | null, now: number): string {
  if (hold === null) return '-';
  if (hold.state === 'released') return `released: ${hold.ending ?? '-'}`;
  const what = hold.state === 'quarantined' ? 'frozen, quarantined' : hold.state === 'held' ? 'frozen' : 'freezing';
  const left = hold.deadline - now;
  return left >= 0
    ? `${what}, ${formatDuration(left)} left (then ${hold.onExpiry})`
    : out.paint('bad', `${what}, overdue since ${formatDuration(-left)} (${hold.onExpiry})`);
}

export function caseRow(out: Output, one: EvidenceCase, now: number): string[] {
  return [
    one.id,
    utcTime(instant(one.requestedAt)),
    one.container.name,
    stateText(out, one),
    sealText(out, one.seal),
    formatSize(one.bytes),
    holdText(out, one.hold, now),
    one.push.state === 'none' ? 'local' : one.push.state,
    one.reason ?? '-',
  ];
}
