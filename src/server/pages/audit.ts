/** The page of the audit log. */
import { h } from 'preact';
import { z } from 'zod';
import { type AuditVerdict, searchAudit, verifyAuditAside } from '../../access/audit.ts';
import { parseWhen } from '../../domain/when.ts';
import { auditOrigin } from '../../store/audit.ts';
import { auditOutcomes } from '../../store/audit-row.ts';
import { AuditPage } from '../../web/pages/audit.tsx';
import type { ServerDeps } from '../deps.ts';
import { HttpError } from '../http-errors.ts';
import { wholeNumber } from '../schemas/params.ts';
import { checked, queryOf } from './checked.ts';
import type { Pages } from './pages.ts';

const perPage = 100;

const schema = z.object({
  who: z.string().max(200).default(''),
  act: z.string().max(100).default(''),
  outcome: z.enum(auditOutcomes).nullable().default(null),
  since: z.string().max(40).default(''),
  until: z.string().max(40).default(''),
  before: wholeNumber(1, Number.MAX_SAFE_INTEGER).nullable().default(null),
  verify: z.literal('1').optional(),
});

export function auditPages(pages: Pages, { store }: ServerDeps): void {
  const verify = shared(() => verifyAuditAside(store));

  pages.page('/audit', 'administer', async (request, { now }) => {
    const { verify: asked, ...query } = checked(schema, queryOf(request), 'in the query');
    const { entries, next } = searchAudit(store, {
      limit: perPage,
      who: query.who || undefined,
      act: query.act || undefined,
      outcome: query.outcome ?? undefined,
      since: when('since', query.since, now),
      until: when('until', query.until, now),
      before: query.before ?? undefined,
    });
    const head = store.audit.before(null, 1)[0]?.hash ?? auditOrigin;
    const verdict = asked === undefined ? null : await verify();
    return { title: 'Audit log', body: h(AuditPage, { entries, next, query, rows: store.audit.lastGiven(), head, verdict }) };
  });
}

/** Whoever asks while it goes on gets the same answer. */
function shared(work: () => Promise<AuditVerdict>): () => Promise<AuditVerdict> {
  let going: Promise<AuditVerdict> | null = null;
  return () => {
    going ??= work().finally(() => {
      going = null;
    });
    return going;
  };
}

function when(name: string, text: string, now: number): number | undefined {
  if (text === '') return undefined;
  const at = parseWhen(text, now);
  if (at === null)
    throw new HttpError(400, 'invalid_request', `${name} in the query: expected a day, an instant with its offset, or how long ago`, {
      hint: '2026-01-31, 2026-01-31T12:00Z or 7d',
    });
  return at;
}
