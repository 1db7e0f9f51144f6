import { formatAmount } from '../domain/amount.ts';
import type { ObjectiveBound, Severity, Unit } from '../domain/words.ts';
import type { Problem } from './schema.ts';

const severities: readonly Severity[] = ['critical', 'high', 'medium', 'low'];

/** The worst first: by severity, what is wrong before what is not known; the oldest of alike first, as it has waited longest. */
export function worstFirst(problems: readonly Problem[]): Problem[] {
  return problems.toSorted(
    (a, b) =>
      severities.indexOf(a.severity) - severities.indexOf(b.severity) ||
      Number(a.state === 'inconclusive') - Number(b.state === 'inconclusive') ||
      compare(a.since ?? a.at, b.since ?? b.at) ||
      compare(a.item, b.item) ||
      compare(a.subject, b.subject) ||
      compare(a.title, b.title) ||
      compare(a.drill ?? '', b.drill ?? '') ||
      compare(a.engine, b.engine),
  );
}

/** By code unit, the same everywhere. */
export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** `at most 30 s` */
export function boundText(bound: ObjectiveBound, unit: Unit): string {
  return 'max' in bound ? `at most ${formatAmount(bound.max, unit)}` : `at least ${formatAmount(bound.min, unit)}`;
}

/** `time to healthy was 40 s; the objective is at most 30 s` */
export function valueText(name: string, value: number, unit: Unit, bound: ObjectiveBound | null): string {
  const said = `${name.replaceAll('_', ' ')} was ${formatAmount(value, unit)}`;
  return bound === null ? said : `${said}; the objective is ${boundText(bound, unit)}`;
}

/** `1 thing`, `2 things` */
export function counted(n: number, one: string, several = `${one}s`): string {
  return `${new Intl.NumberFormat('en-GB').format(n)} ${n === 1 ? one : several}`;
}

/** What practises it again. A freeze on demand has no drill, and is of one container. */
export function commandFor({ kind, drill, targets }: Pick<Problem, 'kind' | 'drill' | 'targets'>): string {
  if (drill !== null) return `pitwall run ${drill}`;
  const [container = 'CONTAINER'] = targets.filter((name) => name !== '');
  return kind === 'forensic-freeze' ? `pitwall freeze ${container}` : 'pitwall drills';
}

/** `21 days` before `now`, whole days, or `today`. Both ISO 8601. */
export function ageText(at: string, now: string): string {
  const days = Math.floor((Date.parse(now) - Date.parse(at)) / 86_400_000);
  return days < 1 ? 'less than a day' : counted(days, 'day');
}

/** `a, b and 3 more` */
export function named(names: readonly string[], most = 5): string {
  if (names.length <= most) return names.join(', ');
  return `${names.slice(0, most).join(', ')} and ${names.length - most} more`;
}

/** `2026-11-22 04:03:48 UTC` */
export function utc(at: string): string {
  return `${at.slice(0, 10)} ${at.slice(11, 19)} UTC`;
}
