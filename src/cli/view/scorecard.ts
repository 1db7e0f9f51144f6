import { formatPercent } from '../../domain/percent.ts';
import { changeTones } from '../../scorecard/change-tones.ts';
import type { Cap, Change, Counts, Letter, Scorecard, ServiceScore, Waiver } from '../../scorecard/scorecard.ts';
import type { Output, Style } from '../output.ts';
import { utcTime } from './record.ts';

/** Rows of changes and services that a reader is shown; all of them are in the data. */
const shownAtMost = 20;

/** What changed first: it is what somebody has to act on. Then the areas, the services from the worst on, and what is waived. */
export function showScorecard(out: Output, card: Scorecard): void {
  out.line(`${gradeText(out, card.grade)}  proven ${percent(card.proven)}, coverage ${percent(card.coverage)}`);
  out.line(out.paint('quiet', `  rubric ${card.rubric}, ${utcTime(card.at)}`));
  showCaps(out, card.caps);
  if (card.lacking.length > 0) out.line(`  left out, as this version of Pitwall lacks them: ${card.lacking.join(', ')}`);
  showChanges(out, card.changes, card.since);
  out.line();
  out.table(
    ['AREA', 'WEIGHT', 'GRADE', 'PROVEN', 'COVERAGE', 'PRACTISED', ...countHeads],
    card.areas.map((area) => [
      area.area,
      String(area.weight),
      area.lastPractised === null ? '-' : gradeText(out, area.grade),
      measured(area.proven),
      measured(area.coverage),
      area.lastPractised === null ? out.paint('unsure', 'never') : ago(area.lastPractised, card.at),
      ...countCells(out, area.counts),
    ]),
  );
  if (card.services.length > 0) showServices(out, card.services);
  showWaivers(out, card.waivers);
}

/** One service: its areas, what changed in it, and what is waived. */
export function showService(out: Output, score: ServiceScore, { at, since, rubric, changes, waivers }: Scorecard): void {
  out.line(
    `${gradeText(out, score.grade)}  ${score.service}  proven ${percent(score.proven)}, coverage ${percent(score.coverage)} of all areas`,
  );
  out.line(out.paint('quiet', `  rubric ${rubric}, ${utcTime(at)}`));
  showCaps(out, score.caps);
  showChanges(out, changes, since);
  out.line();
  out.table(
    ['AREA', 'PROVEN', 'COVERAGE', 'PRACTISED', ...countHeads],
    score.areas.map((area) => [
      area.area,
      measured(area.proven),
      measured(area.coverage),
      ago(area.lastPractised, at),
      ...countCells(out, area.counts),
    ]),
  );
  showWaivers(out, waivers);
}

function showCaps(out: Output, caps: readonly Cap[]): void {
  for (const { atMost, because } of caps) out.line(`  at most ${atMost}: ${because}`);
}

function showChanges(out: Output, changes: readonly Change[], since: string): void {
  out.line();
  if (changes.length === 0) {
    out.line(`nothing has changed since ${utcTime(since)}`);
    return;
  }
  out.line(`since ${utcTime(since)}:`);
  out.table(
    ['CHANGE', 'AREA', 'SEVERITY', 'WHAT', 'RUN'],
    changes
      .slice(0, shownAtMost)
      .map(({ type, area, severity, message, runId }) => [out.paint(changeTones[type], type), area, severity, message, runId]),
  );
  more(out, changes.length);
}

function showServices(out: Output, services: readonly ServiceScore[]): void {
  out.line();
  out.table(
    ['SERVICE', 'GRADE', 'PROVEN', 'COVERAGE', 'PRACTISED IN', ...countHeads],
    services
      .slice(0, shownAtMost)
      .map((one) => [
        one.service,
        gradeText(out, one.grade),
        measured(one.proven),
        measured(one.coverage),
        one.areas.map(({ area }) => area).join(', '),
        ...countCells(out, one.counts),
      ]),
  );
  more(out, services.length);
}

function showWaivers(out: Output, waivers: readonly Waiver[]): void {
  if (waivers.length === 0) return;
  out.line();
  out.table(
    ['WAIVED UNTIL', 'SERVICE', 'SEVERITY', 'PROBE', 'WHAT WOULD HOLD'],
    waivers.map(({ until, service, severity, item, title }) => [until, service ?? '-', severity, item, title]),
  );
}

function more(out: Output, all: number): void {
  if (all > shownAtMost) out.line(`… and ${all - shownAtMost} more: pitwall scorecard --json has all`);
}

const countHeads = ['HOLDS', 'BROKEN', 'UNKNOWN', 'EXPIRED', 'WAIVED'];

function countCells(out: Output, { holds, broken, inconclusive, expired, waived }: Counts): string[] {
  const marked = (style: Style, n: number) => (n === 0 ? '0' : out.paint(style, String(n)));
  return [String(holds), marked('bad', broken), marked('unsure', inconclusive), marked('unsure', expired), marked('unsure', waived)];
}

const gradeStyles: Readonly<Record<Letter, Style>> = { 'A+': 'good', A: 'good', B: 'good', C: 'unsure', D: 'bad', F: 'bad' };

function gradeText(out: Output, grade: string): string {
  return out.paint(gradeStyles[grade.replace('*', '') as Letter], grade);
}

const cells = 10;

/** A bar and its number: `██████░░░░  61.2%`. Never rounded up: full is all of it. */
function measured(share: number): string {
  const full = Math.floor(share * cells + 1e-9);
  return `${'█'.repeat(full)}${'░'.repeat(cells - full)} ${percent(share).padStart(6)}`;
}

function percent(share: number): string {
  return formatPercent(Math.floor(share * 1_000 + 1e-9) / 1_000);
}

/** Whole days, as freshness is counted in days. */
function ago(instant: string, now: string): string {
  const days = Math.floor((Date.parse(now) - Date.parse(instant)) / 86_400_000);
  return days < 1 ? 'within a day' : `${days} d ago`;
}
