import { h } from 'preact';
import { z } from 'zod';
import { ScorecardPage } from '../../web/pages/scorecard.tsx';
import type { ServerDeps } from '../deps.ts';
import { pageOf } from './found.ts';
import { createKept } from './kept.ts';
import type { Pages } from './pages.ts';
import { readQuery } from './query.ts';
import { findSchema } from './wall.ts';

const perPage = 100;
const historyDays = 90;

const schema = findSchema.extend({ changes: z.enum(['all', 'some']).default('some') });

export function scorecardPages(pages: Pages, { scorecards, clock }: ServerDeps): void {
  const kept = createKept(scorecards, clock, () => {
    const card = scorecards.card();
    return { card, services: card.services.toSorted((a, b) => a.proven - b.proven || b.coverage - a.coverage) };
  });
  pages.page('/scorecard', 'read', (request, { now }) => {
    const { card, services: all } = kept();
    const query = readQuery(request, schema);
    const { items, found } = pageOf(all, ({ service }) => service, query, perPage);
    const history = scorecards.history(historyDays);
    return {
      title: 'Scorecard',
      body: h(ScorecardPage, { now, card, services: items, found, history, allChanges: query.changes === 'all' }),
    };
  });
}
