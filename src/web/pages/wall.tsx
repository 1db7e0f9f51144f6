import type { Scorecard } from '../../scorecard/scorecard.ts';
import type { WallArea, WallRow } from '../../scorecard/wall.ts';
import { Empty } from '../parts/empty.tsx';
import { Scroll } from '../parts/table.tsx';
import { Text } from '../parts/text.tsx';
import { Changes } from './changes.tsx';
import { Going, type GoingRun } from './going.tsx';
import { Headline } from './headline.tsx';
import { Legend } from './legend.tsx';
import { WallCellView } from './wall-cell.tsx';

export interface WallPageProps {
  readonly now: number;
  readonly running: readonly GoingRun[];
  readonly card: Scorecard;
  readonly areas: readonly WallArea[];
  /** Of this page, the worst first. */
  readonly rows: readonly WallRow[];
  readonly find: WallFind;
}

export interface WallFind {
  /** What the services' names must hold; empty for all. */
  readonly q: string;
  /** Services that were found, on all pages. */
  readonly found: number;
  /** From 1. */
  readonly page: number;
  readonly pages: number;
}

/** More than this many changes are for the scorecard's page. */
const mostChanges = 8;

export function WallPage({ now, running, card, areas, rows, find }: WallPageProps) {
  return (
    <>
      <h1 class="unseen">Wall</h1>
      <div class="wall-top">
        <section aria-labelledby="changed">
          <h2 id="changed">What changed</h2>
          <Changes changes={card.changes} since={card.since} now={now} most={mostChanges} />
        </section>
        <section aria-labelledby="going">
          <h2 id="going">Runs now</h2>
          <Going runs={running} now={now} />
        </section>
        <Headline card={card} />
      </div>
      <h2 id="services">Services × measures</h2>
      <Find find={find} />
      {rows.length === 0 ? <NoRows q={find.q} /> : <Matrix now={now} areas={areas} rows={rows} />}
      <Pager find={find} />
      <Legend />
    </>
  );
}

function Find({ find: { q, found } }: { readonly find: WallFind }) {
  return (
    <search>
      <form method="get" action="/" class="filter">
        <label>
          Service <input type="search" name="q" value={q} maxLength={100} autoComplete="off" />
        </label>
        <button type="submit">Find</button>
        {q !== '' && <a href="/">All services</a>}
        <span class="quiet">{found === 1 ? '1 row' : `${found} rows`}, the worst first</span>
      </form>
    </search>
  );
}

function NoRows({ q }: { readonly q: string }) {
  if (q !== '') {
    return (
      <Empty>
        No service’s name holds “<Text of={q} />
        ”.
      </Empty>
    );
  }
  return (
    <Empty>
      Nothing was ever practised. The <a href="/drills">drills</a> of the catalogue run on their schedule, or now.
    </Empty>
  );
}

function Matrix({ now, areas, rows }: Pick<WallPageProps, 'now' | 'areas' | 'rows'>) {
  return (
    <Scroll label="Services and measures">
      <table class="wall">
        <caption class="unseen">Each service, and what is proven of it by measure</caption>
        <thead>
          <tr>
            <th scope="col">Service</th>
            {areas.map(({ area, kinds }) => (
              <th scope="col" title={kinds.join(', ')}>
                {area}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ service, cells }) => (
            <tr id={`service-${service === null ? '' : encodeURIComponent(service)}`}>
              <th scope="row">{service === null ? <span class="quiet">of no single service</span> : <Text of={service} />}</th>
              {cells.map((cell) => (
                <WallCellView cell={cell} now={now} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function Pager({ find: { q, page, pages } }: { readonly find: WallFind }) {
  if (pages <= 1) return null;
  const link = (to: number) => `/?${new URLSearchParams({ ...(q === '' ? {} : { q }), page: String(to) })}#services`;
  return (
    <nav class="pager" aria-label="Pages of services">
      {page > 1 && (
        <a href={link(page - 1)} rel="prev">
          Worse
        </a>
      )}
      <span>
        {page} of {pages}
      </span>
      {page < pages && (
        <a href={link(page + 1)} rel="next">
          Better
        </a>
      )}
    </nav>
  );
}
