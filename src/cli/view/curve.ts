import type { Curve, CurvePlan, CurveTrack } from '../../domain/curve.ts';
import type { RunRecord } from '../../domain/words.ts';
import type { Store } from '../../store/store.ts';
import type { Output, Style } from '../output.ts';

/** What attackers and consumers saw around the leak, for people: a line each, time from left to right. */
export function showCurve(record: RunRecord, store: Store, out: Output): void {
  const artifact = store.runs.artifact(record.id, 'curve');
  if (artifact === null || out.json) return;
  const { plans } = JSON.parse(artifact.content.toString('utf8')) as Curve;
  for (const plan of plans) {
    out.line();
    printPlan(plan, out);
  }
}

const columns = 56;

function printPlan(plan: CurvePlan, out: Output): void {
  // what comes after the last change is the same to the end
  const last = Math.max(
    0,
    ...plan.tracks.flatMap(({ changes }) => changes.map(({ at }) => at)),
    ...plan.consumers.flatMap(({ outages }) => outages.map(({ to }) => to ?? 0)),
  );
  const to = Math.min(plan.to, Math.max(last, 100) * 1.3);
  const from = Math.max(plan.from, -to * 0.25);
  const width = (to - from) / columns;
  const column = (at: number) => Math.floor((at - from) / width);
  out.line(
    `plan ${plan.plan}, ${plan.credential === 'canary' ? 'a canary' : 'the credential in use'}: from ${-Math.round(from)} ms before the leak to ${ms(to)} after it, ${ms(width)} a column`,
  );
  const rows = [
    ...plan.tracks.map((track) => ({
      name: `${track.credential} ${track.mode}`,
      where: `${track.point} from ${track.from}`,
      cells: trackCells(track, plan, from, width),
      end: ending(track),
    })),
    ...plan.consumers.map((consumer) => ({
      name: 'requests',
      where: consumer.service,
      cells: cellsOf(from, width, (at) =>
        consumer.outages.some((outage) => at >= outage.from && at < (outage.to ?? Number.POSITIVE_INFINITY)) ? '!' : '#',
      ),
      end: `${consumer.requests} asked, ${consumer.failed} failed`,
    })),
    ...plan.phases.map((phase) => ({
      name: 'step',
      where: phase.name,
      cells: cellsOf(from, width, (at) => (column(phase.from) <= column(at) && column(at) <= column(phase.to) ? '=' : ' ')),
      end: `${ms(phase.from)} to ${ms(phase.to)}`,
    })),
  ];
  const wide = Math.max(...rows.map(({ where }) => where.length));
  out.line(`${' '.repeat(13 + wide + 2 + Math.max(0, column(0)))}v the leak`);
  for (const { name, where, cells, end } of rows) out.line(`${name.padEnd(12)} ${where.padEnd(wide)}  ${paint(cells, name, out)}  ${end}`);
  out.line('# let in, or answered   - refused   x ended   ? no answer that says anything   ! a request failed');
}

const signs = { accepted: '#', refused: '-', closed: 'x', unknown: '?' } as const;

function trackCells({ changes }: CurveTrack, { to }: CurvePlan, from: number, width: number): string {
  return cellsOf(from, width, (_, end) => {
    const now = changes.findLast(({ at }) => at <= end);
    return now === undefined || end > to + width ? ' ' : signs[now.answer];
  });
}

/** `at` and `end`: ms from the leak at which a column begins and ends. */
function cellsOf(from: number, width: number, sign: (at: number, end: number) => string): string {
  return Array.from({ length: columns }, (_, i) => sign(from + i * width, from + (i + 1) * width)).join('');
}

/** A credential that is out is good when it is refused; the new one when it is let in. */
function paint(cells: string, name: string, out: Output): string {
  const styleOf = (sign: string): Style | null => {
    if (sign === '?') return 'unsure';
    if (sign === '!') return 'bad';
    if (!'#-x'.includes(sign)) return null;
    return name.startsWith('old') === (sign !== '#') ? 'good' : 'bad';
  };
  return cells.replace(/(.)\1*/g, (run, sign: string) => {
    const style = styleOf(sign);
    return style === null ? run : out.paint(style, run);
  });
}

function ending({ changes, attempts }: CurveTrack): string {
  const last = changes.at(-1);
  const since = changes.findLastIndex(({ answer }) => answer !== last?.answer) + 1;
  const first = changes[since];
  const all = Object.values(attempts).reduce((sum, one) => sum + one, 0);
  if (last === undefined || first === undefined) return 'never tried';
  const words = { accepted: 'let in', refused: 'refused', closed: 'ended', unknown: 'no answer' }[last.answer];
  const said = [...new Set(changes.slice(since).flatMap(({ code }) => code ?? []))];
  const code = said.length === 0 ? '' : ` (${said.join(', then ')})`;
  return `${words}${first.at > 0 ? ` from ${ms(first.at)} on` : ''}${code}, ${all} attempts`;
}

function ms(value: number): string {
  return value >= 10_000 ? `${(value / 1_000).toFixed(1)} s` : `${Math.round(value)} ms`;
}
