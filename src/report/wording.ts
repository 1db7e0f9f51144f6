/** How a report says a value, a time or a number of things: the same in all its parts. */
import { formatAmount } from '../domain/amount.ts';
import { formatPercent } from '../domain/percent.ts';
import type { ObjectiveBound, Unit } from '../domain/words.ts';
import type { MeasurementRow, Problem } from './schema.ts';

/** `at most 30 s` */
function boundText(bound: ObjectiveBound, unit: Unit): string {
  return 'max' in bound ? `at most ${formatAmount(bound.max, unit)}` : `at least ${formatAmount(bound.min, unit)}`;
}

/** For the reader of a table. */
export function objectiveText({ objective, unit }: Pick<MeasurementRow, 'objective' | 'unit'>): string {
  return objective === null ? '' : boundText(objective, unit);
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

/** Never rounded up: 99.6 % is not all. */
export function percent(share: number): string {
  return formatPercent(Math.floor(share * 100 + 1e-9) / 100);
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

/** Of a waiver: some name the day itself, some the instant at which it is over. */
export function lastDay(until: string): string {
  return until.length > 10 ? new Date(Date.parse(until) - 1).toISOString().slice(0, 10) : until;
}
