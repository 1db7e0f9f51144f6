import type { Scorecard } from '../../scorecard/scorecard.ts';
import type { WallArea, WallRow } from '../../scorecard/wall.ts';
import { Empty } from '../parts/empty.tsx';
import { Scroll } from '../parts/table.tsx';
import { Text } from '../parts/text.tsx';
import { Changes } from './changes.tsx';
import { Find, type Found, Pager } from './find.tsx';
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
  readonly found: Found;
}

/** More than this many changes are for the scorecard's page. */
const mostChanges = 8;

export function WallPage({ now, running, card, areas, rows, found }: WallPageProps) {
  return (
    <>
      <h1 class="unseen">Wall</h1>
      <div class="wall-top">
        <section aria-labelledby="changed">
          <h2 id="changed">What changed</h2>
          <Changes changes={card.changes} since={card.since} now={now} most={mostChanges} all="/scorecard#changes" />
        </section>
        <section aria-labelledby="going">
          <h2 id="going">Runs now</h2>
          <Going runs={running} now={now} />
        </section>
        <Headline card={card} />
      </div>
      <h2 id="services">Services × measures</h2>
      <Find found={found} action="/" label="Service" />
      {rows.length === 0 ? <NoRows q={found.q} /> : <Matrix areas={areas} rows={rows} />}
      <Pager found={found} action="/" anchor="services" />
      <Legend />
    </>
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

function Matrix({ areas, rows }: Pick<WallPageProps, 'areas' | 'rows'>) {
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
                <WallCellView cell={cell} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}
