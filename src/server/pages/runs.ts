import { h } from 'preact';
import { z } from 'zod';
import { RunsPage } from '../../web/pages/runs.tsx';
import type { ServerDeps } from '../deps.ts';
import { verdict } from '../schemas/run.ts';
import type { Pages } from './pages.ts';
import { readQuery } from './query.ts';

const perPage = 50;
const dayMs = 86_400_000;

const day = z.union([z.literal(''), z.iso.date({ error: 'expected a day such as 2026-01-31' })]).default('');

const filterSchema = z.object({
  drill: z
    .string()
    .regex(/^[a-z0-9-]{0,100}$/)
    .default(''),
  kind: z
    .string()
    .regex(/^[a-z-]{0,50}$/)
    .default(''),
  verdict: z.union([verdict, z.literal('running'), z.literal('')]).default(''),
  since: day,
  until: day,
  before: z
    .string()
    .regex(/^[0-9A-HJKMNP-TV-Z]{26}$|^$/)
    .default(''),
});

export function runsPages(pages: Pages, { store, catalogue }: ServerDeps): void {
  pages.page('/runs', 'read', (request, { now }) => {
    const filter = readQuery(request, filterSchema);
    const drills = catalogue().drills.map(({ name }) => name);
    if (filter.verdict === 'running') {
      const going = store.runs
        .unended()
        .filter((run) => (filter.drill === '' || run.drill === filter.drill) && (filter.kind === '' || run.kind === filter.kind));
      return { title: 'Runs', body: h(RunsPage, { now, runs: going.slice(0, 200), filter, drills, next: null }) };
    }
    const found = store.runs.list({
      limit: perPage + 1,
      before: filter.before || undefined,
      drill: filter.drill || undefined,
      kind: filter.kind || undefined,
      verdict: filter.verdict === '' ? undefined : filter.verdict,
      since: filter.since === '' ? undefined : Math.max(0, Date.parse(filter.since)),
      // The day itself is shown, too.
      until: filter.until === '' ? undefined : Math.max(0, Date.parse(filter.until) + dayMs),
    });
    const runs = found.slice(0, perPage);
    const next = found.length > perPage ? (runs.at(-1)?.id ?? null) : null;
    return { title: 'Runs', body: h(RunsPage, { now, runs, filter, drills, next }) };
  });
}
