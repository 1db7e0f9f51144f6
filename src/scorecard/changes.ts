import { formatAmount } from '../domain/amount.ts';
import { instant } from '../domain/clock.ts';
import { formatDuration } from '../domain/duration.ts';
import { standing } from './counts.ts';
import { isAhead } from './freshness.ts';
import type { ScorecardItem } from './items.ts';
import { named } from './named.ts';
import type { Change, ScorecardInput } from './scorecard.ts';

type Span = Pick<ScorecardInput, 'at' | 'since'>;

/** What is different since `since`, and what will soon be; the worst first. */
export function changesOf(items: readonly ScorecardItem[], span: Span): readonly Change[] {
  const single = items.flatMap((item) => flips(item, span) ?? slower(item, span) ?? []);
  return [...withoutEchoes(single), ...ageing(items, span)].toSorted(worstFirst);
}

function flips(item: ScorecardItem, { at, since }: Span): Change | null {
  const { state, was, changedAt, waived, waivedUntil, type } = item;
  if (waived) return null;
  if (state === 'broken') {
    const lapsed = type === 'finding' && waivedUntil !== null ? Date.parse(waivedUntil) + day : null;
    if (lapsed !== null && lapsed > since && lapsed <= at && lapsed > changedAt)
      return change('broken', item, lapsed, 'broken', `${named(item)} is broken, and its waiver ran out on ${waivedUntil}`);
    if (changedAt <= since) return null;
    return change(
      'broken',
      item,
      changedAt,
      was,
      `${named(item)} ${was === null ? 'was found broken when first asked' : `is broken; it was ${words[was]}`}`,
    );
  }
  if (changedAt <= since || isAhead(item.at, at)) return null;
  if (state === 'inconclusive')
    return change(
      'inconclusive',
      item,
      changedAt,
      was,
      `${named(item)} could not be found out${was === null ? '' : `; it was ${words[was]}`}`,
    );
  return was === 'broken' ? change('mended', item, changedAt, was, `${named(item)} holds again`) : null;
}

const words = { holds: 'holding', broken: 'broken', inconclusive: 'not known' } as const;

/** A time that is a quarter above the median of those before it, of which there are at least three. */
function slower(item: ScorecardItem, { since }: Span): Change | null {
  if (item.type !== 'objective' || item.unit !== 'ms' || item.waived) return null;
  const last = item.recent.at(-1);
  const before = item.recent.slice(0, -1).map(({ value }) => value);
  if (last === undefined || last.at <= since || before.length < 3) return null;
  const usual = median(before);
  if (last.value <= usual * 1.25) return null;
  const bound = item.objective !== null && 'max' in item.objective ? `, at most ${formatDuration(item.objective.max)}` : '';
  const message = `${named(item)} took ${formatAmount(last.value, 'ms')}; it was ${formatAmount(usual, 'ms')}${bound}`;
  return { ...change('slower', item, last.at, null, message), runId: last.runId };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const low = sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
  const high = sorted[Math.ceil((sorted.length - 1) / 2)] ?? 0;
  return (low + high) / 2;
}

/** The drill's verdict is no news where its findings say the same. */
function withoutEchoes(changes: readonly Change[]): readonly Change[] {
  const key = ({ type, kind, drill }: Change) => `${type}\u0000${kind}\u0000${drill ?? ''}`;
  const said = new Set(changes.filter(({ item }) => item !== 'verdict').map(key));
  return changes.filter((one) => one.item !== 'verdict' || !said.has(key(one)));
}

/** Proof that has expired since, or will within a cadence, or is dated ahead: all of one drill that was last asked by one run is one change. */
function ageing(items: readonly ScorecardItem[], { at, since }: Span): readonly Change[] {
  const groups = new Map<string, { readonly type: AgeingType; readonly items: ScorecardItem[] }>();
  for (const item of items) {
    const type = ageingType(item, at, since);
    if (type === null) continue;
    const key = [type, item.kind, item.drill ?? '', item.engine, item.runId].join('\u0000');
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { type, items: [item] });
    else group.items.push(item);
  }
  return [...groups.values()].map((group) => ageingChange(group.type, group.items, at));
}

type AgeingType = 'expired' | 'expiring' | 'inconclusive';

function ageingType(item: ScorecardItem, at: number, since: number): AgeingType | null {
  if (isAhead(item.at, at)) return item.state === 'inconclusive' ? 'inconclusive' : null;
  const now = standing(item);
  if (now === 'expired') return item.expiresAt > since ? 'expired' : null;
  return now === 'holds' && item.expiresAt - at <= item.cadence ? 'expiring' : null;
}

function ageingChange(type: AgeingType, items: readonly ScorecardItem[], at: number): Change {
  const [worst] = items.toSorted((a, b) => b.weight - a.weight) as [ScorecardItem];
  if (type === 'inconclusive') return aheadChange(worst, items);
  const expiresAt = Math.min(...items.map((item) => item.expiresAt));
  const what = items.length === 1 ? `${named(worst)} was` : `${items.length} proofs of ${worst.drill ?? worst.kind} were`;
  const message =
    type === 'expired'
      ? `${what} last practised ${formatDuration(at - worst.at)} ago, too long to prove anything`
      : `${what} last practised ${formatDuration(at - worst.at)} ago, ${items.length === 1 ? 'expires' : 'expire'} in ${formatDuration(expiresAt - at)}`;
  return { ...change(type, worst, expiresAt, null, message), ...together(worst, items) };
}

function aheadChange(worst: ScorecardItem, items: readonly ScorecardItem[]): Change {
  const what = items.length === 1 ? `${named(worst)} is` : `${items.length} proofs of ${worst.drill ?? worst.kind} are`;
  const message = `${what} dated ${instant(worst.at)}, which is still to come, so a clock was wrong: nothing is proven until it is practised again`;
  return { ...change('inconclusive', worst, worst.at, null, message), ...together(worst, items) };
}

function together(worst: ScorecardItem, items: readonly ScorecardItem[]): Pick<Change, 'service' | 'count'> {
  const services = new Set(items.map(({ service }) => service));
  return { service: services.size === 1 ? worst.service : null, count: items.length };
}

function change(type: Change['type'], item: ScorecardItem, at: number, from: Change['from'], message: string): Change {
  const { area, kind, drill, service, item: name, title, severity, runId } = item;
  return { type, area, kind, drill, service, item: name, title, severity, count: 1, runId, at: instant(at), from, message };
}

const types: readonly Change['type'][] = ['broken', 'expired', 'inconclusive', 'expiring', 'slower', 'mended'];
const severities = ['critical', 'high', 'medium', 'low'];

function worstFirst(a: Change, b: Change): number {
  return (
    types.indexOf(a.type) - types.indexOf(b.type) ||
    severities.indexOf(a.severity) - severities.indexOf(b.severity) ||
    // of those that will expire the next one, of all others the newest
    (a.at < b.at ? -1 : a.at > b.at ? 1 : 0) * (a.type === 'expiring' ? 1 : -1) ||
    compare(`${a.area} ${a.drill ?? ''} ${a.service ?? ''} ${a.item}`, `${b.area} ${b.drill ?? ''} ${b.service ?? ''} ${b.item}`)
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

const day = 86_400_000;
