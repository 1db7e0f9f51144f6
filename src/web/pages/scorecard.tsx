import { History } from '../../chart/history.tsx';
import type { Scorecard, ServiceScore, Waiver } from '../../scorecard/scorecard.ts';
import type { ScorecardDay } from '../../store/scorecards.ts';
import { Empty } from '../parts/empty.tsx';
import { Grade } from '../parts/grade.tsx';
import { Table } from '../parts/table.tsx';
import { Text } from '../parts/text.tsx';
import { Time } from '../parts/time.tsx';
import { shareText } from '../parts/value.tsx';
import { Changes } from './changes.tsx';
import { Counts } from './counts.tsx';
import { Find, type Found, Pager } from './find.tsx';
import { Headline } from './headline.tsx';
import { RubricView } from './rubric.tsx';

export interface ScorecardPageProps {
  readonly now: number;
  readonly card: Scorecard;
  /** Of this page, the worst first. */
  readonly services: readonly ServiceScore[];
  readonly found: Found;
  /** Oldest first. */
  readonly history: readonly ScorecardDay[];
  /** Shows more of what changed. */
  readonly allChanges: boolean;
}

const fewChanges = 12;
/** No page has room for more; `pitwall scorecard --json` has them all. */
const mostChanges = 500;

export function ScorecardPage({ now, card, services, found, history, allChanges }: ScorecardPageProps) {
  return (
    <>
      <h1>Scorecard</h1>
      <Headline card={card} />
      <h2 id="changes">What changed</h2>
      <Changes
        changes={card.changes}
        since={card.since}
        now={now}
        most={allChanges ? mostChanges : fewChanges}
        all="/scorecard?changes=all#changes"
      />
      <h2 id="areas">By measure</h2>
      <Areas card={card} now={now} />
      {card.lacking.length > 0 && (
        <p class="quiet">Of the rubric, this version of Pitwall lacks {card.lacking.join(', ')}: left out of both numbers.</p>
      )}
      <h2 id="services">By service</h2>
      <Find found={found} action="/scorecard" label="Service" />
      {services.length === 0 ? <Empty>No service.</Empty> : <Services services={services} />}
      <Pager found={found} action="/scorecard" anchor="services" />
      <h2 id="waivers">Waivers</h2>
      <Waivers waivers={card.waivers} />
      <h2 id="history">History</h2>
      <Days history={history} />
      <h2 id="rubric">Rubric</h2>
      <RubricView of={card.rubric} />
    </>
  );
}

function Areas({ card, now }: { readonly card: Scorecard; readonly now: number }) {
  return (
    <Table
      caption="Each measure: what is proven, and how much was asked"
      head={[
        'Measure',
        'Grade',
        { label: 'Weight', numeric: true },
        { label: 'Proven', numeric: true },
        { label: 'Coverage', numeric: true },
        'Questions',
        'Last practised',
        'Kinds',
      ]}
      rows={card.areas.map(({ area, kinds, weight, proven, coverage, grade, lastPractised, counts }) => ({
        id: `area-${area}`,
        cells: [
          area,
          <Grade grade={grade} />,
          weight,
          shareText(proven),
          shareText(coverage),
          <Counts of={counts} />,
          lastPractised === null ? <span class="quiet">never practised</span> : <Time at={lastPractised} now={now} />,
          <span class="quiet">{kinds.join(', ')}</span>,
        ],
      }))}
    />
  );
}

function Services({ services }: { readonly services: readonly ServiceScore[] }) {
  return (
    <Table
      caption="Each service"
      head={['Service', 'Grade', { label: 'Proven', numeric: true }, { label: 'Coverage', numeric: true }, 'Questions', 'Practised']}
      rows={services.map(({ service, grade, proven, coverage, counts, areas }) => ({
        cells: [
          <Text of={service} />,
          <Grade grade={grade} />,
          shareText(proven),
          shareText(coverage),
          <Counts of={counts} />,
          <span class="quiet">{areas.map(({ area }) => area).join(', ')}</span>,
        ],
      }))}
    />
  );
}

function Waivers({ waivers }: { readonly waivers: readonly Waiver[] }) {
  if (waivers.length === 0) return <Empty>Nothing is waived.</Empty>;
  return (
    <Table
      caption="Broken findings that somebody has waived: they count as not proven, and mark the grade"
      head={['Finding', 'Severity', 'Service', 'Drill', 'Until']}
      rows={waivers.map(({ item, title, severity, service, drill, until }) => ({
        cells: [
          <>
            {item} <Text of={title} />
          </>,
          severity,
          service === null ? '–' : <Text of={service} />,
          drill === null ? '–' : <Text of={drill} />,
          until,
        ],
      }))}
    />
  );
}

function Days({ history }: { readonly history: readonly ScorecardDay[] }) {
  if (history.length === 0) return <Empty>The first day’s scorecard is still to come.</Empty>;
  return (
    <>
      <History days={history} />
      <details id="history-table">
        <summary>As a table</summary>
        <Table
          caption="The scorecard of each day, newest first"
          head={['Day', 'Grade', { label: 'Proven', numeric: true }, { label: 'Coverage', numeric: true }, 'Rubric']}
          rows={history.toReversed().map(({ day, grade, proven, coverage, rubric }) => ({
            id: `day-${day}`,
            cells: [day, <Grade grade={grade} />, shareText(proven), shareText(coverage), rubric],
          }))}
        />
      </details>
    </>
  );
}
