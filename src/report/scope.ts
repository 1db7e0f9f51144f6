import { createHash } from 'node:crypto';
import { parseDuration } from '../domain/duration.ts';
import { InvalidError } from '../domain/errors.ts';
import type { ReportScope } from './schema.ts';

/** What is asked for, as a command or a request has it. Days are UTC, `YYYY-MM-DD`. */
export interface ScopeRequest {
  /** A run's id or its beginning. */
  readonly run?: string | undefined;
  /** `30d`: that many days, today the last of them. */
  readonly since?: string | undefined;
  readonly from?: string | undefined;
  readonly until?: string | undefined;
  readonly service?: string | undefined;
}

const dayMs = 86_400_000;
const defaultSince = '30d';
/** What a report sums up is kept by the day; more days than there can be are a slip of the finger. */
const mostDays = 3_660;

/**
 * A run, or some days of all services or of one; without anything the last 30 days. Whether there is such a run or service is not looked at.
 *
 * @param names how each is called where it was asked for, for messages.
 * @throws InvalidError `usage`
 */
export function scopeOf(request: ScopeRequest, now: number, names: Readonly<Record<keyof ScopeRequest, string>>): ReportScope {
  const { run, since, from, until, service } = request;
  const usage = (message: string, hint?: string) => new InvalidError('usage', message, { hint });
  if (run !== undefined) {
    const other = (['since', 'from', 'until', 'service'] as const).find((key) => request[key] !== undefined);
    if (other !== undefined) throw usage(`${names.run} and ${names[other]} exclude each other: a report is on one run, or on some days`);
    return { type: 'run', run };
  }
  if (since !== undefined && (from !== undefined || until !== undefined))
    throw usage(
      `${names.since} and ${from === undefined ? names.until : names.from} exclude each other: days are counted back from today, or named`,
    );
  if (until !== undefined && from === undefined) throw usage(`${names.until} needs ${names.from}`);
  const days =
    from === undefined
      ? daysBack(since ?? defaultSince, now, names.since)
      : { from: day(from, names.from), to: until === undefined ? startOfDay(now) : day(until, names.until) };
  if (days.from > days.to)
    throw usage(`${names.from} ${text(days.from)} is after ${until === undefined ? 'today' : names.until} ${text(days.to)}`);
  if ((days.to - days.from) / dayMs >= mostDays) throw usage(`${names.from} to ${names.until}: more than ${mostDays} days`);
  const span = { from: text(days.from), to: text(days.to) };
  if (service === undefined) return { type: 'period', ...span };
  if (service === '' || service.length > 255) throw usage(`${names.service} is empty or too long`);
  return { type: 'service', service, ...span };
}

function daysBack(since: string, now: number, name: string): { from: number; to: number } {
  const parsed = parseDuration(since);
  if (!parsed.ok) throw new InvalidError('usage', `${name}: "${since}" ${parsed.problem}`, { hint: `${name} 30d` });
  const days = Math.ceil(parsed.value / dayMs);
  if (days < 1 || days > mostDays) throw new InvalidError('usage', `${name} ${since}: expected from 1d to ${mostDays}d`);
  const to = startOfDay(now);
  return { from: to - (days - 1) * dayMs, to };
}

function day(given: string, name: string): number {
  const ms = /^\d{4}-\d{2}-\d{2}$/.test(given) ? Date.parse(`${given}T00:00:00Z`) : Number.NaN;
  // 30 February becomes 2 March
  if (Number.isNaN(ms) || text(ms) !== given || ms < 0)
    throw new InvalidError('usage', `${name}: "${given}" is not a day (try 2026-01-31)`);
  return ms;
}

function startOfDay(ms: number): number {
  return Math.floor(ms / dayMs) * dayMs;
}

function text(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

/** `report-service-web-20261122-040348`: of letters, digits and dashes, whatever the service is called. */
export function reportId(scope: ReportScope, at: number): string {
  const stamp = new Date(at).toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15);
  return `report-${about(scope)}-${stamp}`;
}

/** What `reportId` gives, and no path. */
export const reportIdPattern = /^report-[a-z0-9-]{1,100}$/;

function about(scope: ReportScope): string {
  if (scope.type === 'run') return `run-${scope.run.toLowerCase()}`;
  const days = `${scope.from}-to-${scope.to}`;
  if (scope.type === 'period') return days;
  const plain = scope.service
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 40);
  const name =
    plain === scope.service ? plain : `${plain}-${createHash('sha256').update(scope.service).digest('hex').slice(0, 6)}`.replace(/^-/, '');
  return `service-${name}-${days}`;
}
