import { type FoundAct, searchAudit, verifyAudit } from '../../access/audit.ts';
import { type ExitCode, exitCodes, InvalidError } from '../../domain/errors.ts';
import { parseWhen } from '../../domain/when.ts';
import type { AuditFilter, AuditOutcome } from '../../store/audit-row.ts';
import type { Store } from '../../store/store.ts';
import type { App } from '../app.ts';

export interface AuditFlags {
  readonly limit: string;
  readonly before?: string;
  readonly who?: string;
  readonly act?: string;
  readonly outcome?: AuditOutcome;
  readonly since?: string;
  readonly until?: string;
}

const mostRows = 1_000;
const styles = { allowed: 'good', refused: 'unsure', failed: 'bad' } as const;

/** `pitwall audit list`: who did what, newest first. */
export async function auditListCommand(flags: AuditFlags, app: App): Promise<ExitCode> {
  const { out, clock } = app;
  const { who, act, outcome } = flags;
  const limit = count('--limit', flags.limit, mostRows);
  const before = flags.before === undefined ? undefined : count('--before', flags.before, Number.MAX_SAFE_INTEGER);
  const filter = {
    who,
    act,
    outcome,
    before,
    since: when('--since', flags.since, clock.now()),
    until: when('--until', flags.until, clock.now()),
  };
  const found = collect(await app.store(), filter, limit);
  out.data(found);
  if (found.length === 0) out.line(Object.values(filter).some((value) => value !== undefined) ? 'no act matches' : 'no acts yet');
  else
    out.table(
      ['SEQ', 'AT', 'WHO', 'ROLE', 'ACT', 'OBJECT', 'OUTCOME', 'FROM', 'DATA'],
      found.map((one) => [
        String(one.seq),
        one.at,
        one.who,
        one.role,
        one.act,
        one.object ?? '-',
        out.paint(styles[one.outcome], one.outcome),
        one.source,
        details(one),
      ]),
    );
  return exitCodes.ok;
}

/** `pitwall audit verify`: 1 when a row was changed, put in or taken out. */
export async function auditVerifyCommand(app: App): Promise<ExitCode> {
  const { out } = app;
  const verdict = verifyAudit(await app.store());
  out.data(verdict);
  if (verdict.ok) out.line(`whole: ${verdict.rows} rows; head ${verdict.head}`);
  else out.line(out.paint('bad', `broken at row ${verdict.seq}: ${verdict.problem}; the ${verdict.rows} rows before it are whole`));
  return verdict.ok ? exitCodes.ok : exitCodes.failed;
}

function collect(store: Pick<Store, 'audit'>, filter: AuditFilter, limit: number): FoundAct[] {
  const found: FoundAct[] = [];
  let { before } = filter;
  do {
    const { entries, next } = searchAudit(store, { ...filter, before, limit: limit - found.length });
    found.push(...entries);
    before = next ?? undefined;
  } while (before !== undefined && found.length < limit);
  return found;
}

/** What the columns do not say already. */
function details({ data }: FoundAct): string {
  const { outcome, ...rest } = data ?? {};
  void outcome;
  return Object.keys(rest).length === 0 ? '-' : JSON.stringify(rest);
}

function count(flag: string, text: string, most: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || value > most)
    throw new InvalidError('usage', `${flag} ${text}: expected a whole number from 1 to ${most}`);
  return value;
}

function when(flag: string, text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined;
  const at = parseWhen(text, now);
  if (at === null)
    throw new InvalidError('usage', `${flag} ${text}: expected a day, an instant with its offset, or how long ago`, {
      hint: '2026-01-31, 2026-01-31T12:00Z or 7d',
    });
  return at;
}
