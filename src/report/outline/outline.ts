import { formatAmount } from '../../domain/amount.ts';
import { formatDuration } from '../../domain/duration.ts';
import { verdictTones } from '../../domain/verdict-tones.ts';
import { changeTones } from '../../scorecard/change-tones.ts';
import type { Counts } from '../../scorecard/scorecard.ts';
import { type Alike, alike } from '../alike.ts';
import { percent } from '../period/runs.ts';
import { ageText, commandFor, counted, utc } from '../problems.ts';
import { objectiveText } from '../run/findings.ts';
import type { Expired, Held, MeasurementRow, Practised, Problem, Report, RunRow } from '../schema.ts';
import { question } from './problem-lines.ts';

/** What a report says, in the order in which it is read, for every format that people read. */
export interface Section {
  readonly id: string;
  readonly title: string;
  readonly blocks: readonly Block[];
}

export type Block =
  | { readonly type: 'paragraph'; readonly text: string }
  | { readonly type: 'list'; readonly items: readonly string[] }
  /** `more`: rows that are not shown. */
  | { readonly type: 'table'; readonly head: readonly string[]; readonly rows: readonly (readonly Cell[])[]; readonly more?: number }
  | { readonly type: 'problem'; readonly alike: Alike }
  /** Where a chart of the run's record of that name goes, in formats that have charts. */
  | { readonly type: 'charts' };

export type Cell = string | { readonly mark: Mark; readonly text: string };
/** Told apart by sign and word; colour comes on top. */
export type Mark = 'good' | 'bad' | 'unsure' | 'quiet';

export const signs: Readonly<Record<Mark, string>> = { good: '✔', bad: '✖', unsure: '?', quiet: '–' };

export function outline(report: Report): readonly Section[] {
  const { problems, problemsLeftOut } = report;
  const wrong = problems.filter(({ state }) => state !== 'inconclusive');
  const unknown = problems.filter(({ state }) => state === 'inconclusive');
  const of = (some: readonly Problem[]): Block[] => alike(some).map((one) => ({ type: 'problem', alike: one }));
  const left: Block[] =
    problemsLeftOut === 0
      ? []
      : [
          paragraph(
            `${counted(problemsLeftOut, 'more is', 'more are')} not shown here: these are the worst; findings.csv and the JSON have more.`,
          ),
        ];
  const isRun = report.scope.type === 'run';
  return [
    section('in-short', 'In short', [{ type: 'list', items: report.inShort }]),
    ...scorecardSections(report),
    section(
      'does-not-hold',
      'What does not hold, and what to do',
      wrong.length === 0 ? [paragraph('Nothing is known not to hold.')] : of(wrong),
    ),
    ...(unknown.length === 0 ? [] : [section('not-known', 'What is not known', unknownBlocks(unknown, report.at))]),
    ...(report.expired.length === 0
      ? []
      : [section('expired', 'Not sure any more: practise again', expiredBlocks(report.expired, report.expiredLeftOut, report.at))]),
    ...(left.length === 0 ? [] : [section('more', 'And more', left)]),
    ...(report.held.length === 0
      ? []
      : [section('holds', 'What holds', [heldTable(report.held, report.heldLeftOut, isRun ? null : report.at)])]),
    ...(report.measurements.length === 0
      ? []
      : [section('measured', 'What was measured', [measurementTable(report.measurements, report.measurementsLeftOut, isRun)])]),
    ...(isRun ? [section('charts', 'Charts', [{ type: 'charts' }])] : []),
    ...(isRun ? [] : [section('practised', 'What was practised', practisedBlocks(report.practised))]),
    ...(isRun || report.runs.length === 0
      ? []
      : [
          section('runs', report.scope.type === 'service' ? 'The runs that say so' : 'Runs that did not pass', [
            runTable(report.runs, report.runsLeftOut),
          ]),
        ]),
    ...(report.waived.length === 0
      ? []
      : [
          section('waived', 'Known, and accepted for a time', [
            paragraph('Somebody answers for each of these until the day named; the reason is part of what was seen.'),
            ...of(report.waived),
          ]),
        ]),
    ...(report.residue.length === 0
      ? []
      : [
          section('residue', 'Left behind', [
            {
              type: 'table',
              head: ['Run', 'What'],
              rows: report.residue.map(({ run, sentence }) => [run, sentence]),
              more: report.residueLeftOut,
            },
          ]),
        ]),
    section('not-tested', 'What was not tested', [
      report.notTested.length === 0
        ? paragraph('Nothing was left out.')
        : { type: 'table', head: ['What', 'Why'], rows: report.notTested.map(({ what, why }) => [what, why]) },
    ]),
    section('method', 'How it was measured', [
      { type: 'table', head: ['What', 'How'], rows: report.method.map(({ what, how }) => [what, how]) },
    ]),
    section('words', 'Words', [{ type: 'table', head: ['Word', 'Meaning'], rows: words }]),
  ];
}

function section(id: string, title: string, blocks: readonly Block[]): Section {
  return { id, title, blocks };
}

function paragraph(text: string): Block {
  return { type: 'paragraph', text };
}

/** As a table: what to do is the same for all. */
function unknownBlocks(unknown: readonly Problem[], now: string): Block[] {
  const rows = alike(unknown).map(({ problem, places }): readonly Cell[] => [
    { mark: 'unsure', text: problem.severity },
    question(problem),
    places.length === 0 ? 'the run as a whole' : places.join('; '),
    problem.evidence ?? '',
    problem.since === null ? 'not known' : problem.since.slice(0, 10),
    `${ageText(problem.at, now)} ago`,
    commandFor(problem),
    problem.run,
  ]);
  return [
    paragraph(
      'None of this was seen to hold, so it counts as not proven. What was in the way is beside it: mend that, and run the drill again.',
    ),
    { type: 'table', head: ['Severity', 'Question', 'Where', 'What was in the way', 'Since', 'Last asked', 'To ask again', 'Run'], rows },
  ];
}

/** It held once; nobody knows whether it does. */
function expiredBlocks(expired: readonly Expired[], more: number, now: string): Block[] {
  const rows = expired.map((one): readonly Cell[] => [
    { mark: 'unsure', text: 'expired' },
    one.item,
    one.title,
    whereText(one),
    `${one.at.slice(0, 10)}, ${ageText(one.at, now)} ago`,
    one.expiredAt.slice(0, 10),
    one.command,
  ]);
  return [
    paragraph(
      'Each of these held when it was last asked, too long ago to prove anything: it counts as not proven until it is practised again.',
    ),
    { type: 'table', head: ['', 'Question', 'What', 'Where', 'Last held', 'Expired', 'To practise again'], rows, more },
  ];
}

function whereText({ subjects, moreSubjects }: Pick<Held, 'subjects' | 'moreSubjects'>): string {
  return `${subjects.join(', ')}${moreSubjects > 0 ? ` and ${moreSubjects} more` : ''}`;
}

function scorecardSections({ scorecard, grades }: Report): Section[] {
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

/** `now`: null in a report on one run, of which all was asked at once. */
function heldTable(held: readonly Held[], more: number, now: string | null): Block {
  const rows = held.map((one): readonly Cell[] => [
    { mark: 'good', text: one.ageing ? 'holds, ageing' : 'holds' },
    one.item,
    one.title,
    whereText(one),
    ...(now === null ? [] : [`${one.at.slice(0, 10)}, ${ageText(one.at, now)} ago`, one.expiresAt?.slice(0, 10) ?? '']),
  ]);
  return {
    type: 'table',
    head: ['', 'Question', 'What', 'Where', ...(now === null ? [] : ['Last asked', 'Proves nothing from'])],
    rows,
    more,
  };
}

function measurementTable(measurements: readonly MeasurementRow[], more: number, isRun: boolean): Block {
  const rows = measurements.map((one): readonly Cell[] => {
    const { name, subject, target, drill, kind, value, unit, met, expired, period } = one;
    const state: Cell = expired
      ? { mark: 'unsure', text: 'met, too long ago' }
      : met === null
        ? { mark: 'quiet', text: '' }
        : met
          ? { mark: 'good', text: 'met' }
          : { mark: 'bad', text: 'missed' };
    const where = isRun ? (target ?? 'the run') : subject;
    const days =
      period === null
        ? ['', '']
        : [
            `${formatAmount(period.least, unit)} to ${formatAmount(period.most, unit)}, mean ${formatAmount(period.mean, unit)}`,
            `${period.missed} of ${period.n}`,
          ];
    return [
      name.replaceAll('_', ' '),
      where,
      ...(isRun ? [] : [drill ?? kind]),
      formatAmount(value, unit),
      objectiveText(one),
      state,
      ...(isRun ? [] : days),
    ];
  });
  const head = isRun
    ? ['Measurement', 'Where', 'Value', 'Objective', '']
    : ['Measurement', 'Where', 'Drill', 'Last', 'Objective', '', 'In these days', 'Missed'];
  return { type: 'table', head, rows, more };
}

function practisedBlocks(practised: readonly Practised[]): Block[] {
  if (practised.length === 0) return [paragraph('Nothing.')];
  const rows = practised.map(({ kind, drill, what, runs, verdicts, meanMs }): readonly Cell[] => [
    drill ?? 'on demand',
    kind,
    runs === 0 ? '' : String(runs),
    verdicts.map(({ verdict, n }) => `${n} ${verdict}`).join(', '),
    meanMs === null ? '' : formatDuration(meanMs),
    what,
  ]);
  return [{ type: 'table', head: ['Drill', 'Kind', 'Runs', 'Verdicts', 'Mean time', 'What it does'], rows }];
}

function runTable(runs: readonly RunRow[], more: number): Block {
  const rows = runs.map(({ run, startedAt, drill, kind, verdict, durationMs, reason }): readonly Cell[] => [
    utc(startedAt),
    drill ?? kind,
    { mark: verdict === null ? 'quiet' : verdictTones[verdict], text: verdict ?? 'running' },
    durationMs === null ? '' : formatDuration(durationMs),
    reason,
    run,
  ]);
  return { type: 'table', head: ['Started', 'Drill', 'Verdict', 'Took', 'Reason', 'Run'], rows, more };
}

const words: readonly (readonly string[])[] = [
  [
    'drill',
    'A crash, an attack or a change that is made on purpose, to see whether what must hold holds. Run by Pitwall on a schedule or by hand.',
  ],
  ['holds', 'It was tried, the control shows that the attempt could have worked, and it did not.'],
  ['broken', 'The title says what ought to be so, and it is not: the attempt worked, or the behaviour was not there.'],
  ['missed', 'A time or a count was measured, and is beyond what was asked for.'],
  ['inconclusive', 'It could not be found out. Not the same as good.'],
  ['ageing', 'It held, longer ago than its drill’s cadence: it counts for less with every day.'],
  ['expired', 'It held, too long ago to prove anything.'],
  ['waived', 'Known, and accepted by somebody until a day.'],
  ['left behind', 'Something that a drill changed and could not be shown to have put back.'],
];
