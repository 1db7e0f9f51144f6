import { changeTones } from '../../scorecard/change-tones.ts';
import type { Counts } from '../../scorecard/scorecard.ts';
import type { Report } from '../schema.ts';
import { percent } from '../wording.ts';
import { type Cell, paragraph, type Section, section } from './blocks.ts';

export function scorecardSections({ scorecard, grades }: Report): Section[] {
  if (scorecard === null) return [];
  const { grade, proven, coverage, caps, areas, changes, since } = scorecard;
  const areaRows = areas.map((area): readonly Cell[] => [
    area.area,
    area.lastPractised === null ? { mark: 'quiet', text: 'never practised' } : area.grade,
    percent(area.proven),
    percent(area.coverage),
    String(area.weight),
    area.lastPractised === null ? 'never' : area.lastPractised.slice(0, 10),
    answersText(area.counts),
  ]);
  const first = grades[0];
  return [
    section('scorecard', `Scorecard: ${grade}`, [
      paragraph(
        `Proven ${percent(proven)}, coverage ${percent(coverage)}, on ${scorecard.at.slice(0, 10)} by the rubric ${scorecard.rubric}.`,
      ),
      ...(first === undefined || grades.length < 2
        ? []
        : [paragraph(`On ${first.day} it was ${first.grade}: proven ${percent(first.proven)}, coverage ${percent(first.coverage)}.`)]),
      ...(caps.length === 0 ? [] : [{ type: 'list' as const, items: caps.map(({ atMost, because }) => `At most ${atMost}: ${because}`) }]),
      { type: 'table', head: ['Measure', 'Grade', 'Proven', 'Coverage', 'Weight', 'Last practised', 'Answers'], rows: areaRows },
    ]),
    section('changes', `What changed since ${since.slice(0, 10)}`, [
      changes.length === 0
        ? paragraph('Nothing.')
        : {
            type: 'table',
            head: ['Change', 'What', 'When'],
            // the worst come first; what does not hold is told in full below
            rows: changes
              .slice(0, mostChanges)
              .map((one) => [{ mark: changeTones[one.type], text: one.type }, one.message, one.at.slice(0, 10)]),
            more: Math.max(0, changes.length - mostChanges),
          },
    ]),
  ];
}

const mostChanges = 25;

/** Those that are in every scorecard, and those that there are. */
function answersText({ holds, broken, inconclusive, expired, waived }: Counts): string {
  const rest = [
    [expired, 'expired'],
    [waived, 'waived'],
  ] as const;
  const more = rest.filter(([n]) => n > 0).map(([n, word]) => `, ${n} ${word}`);
  return `${holds} hold, ${broken} broken, ${inconclusive} not known${more.join('')}`;
}
