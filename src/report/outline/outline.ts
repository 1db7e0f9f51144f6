import { alike } from '../alike.ts';
import type { Problem, Report } from '../schema.ts';
import { counted } from '../wording.ts';
import { type Block, paragraph, type Section, section } from './blocks.ts';
import { glossary } from './glossary.ts';
import { scorecardSections } from './scorecard-sections.ts';
import { heldTable, measurementTable, practisedBlocks, runTable } from './tables.ts';
import { expiredBlocks, unknownBlocks } from './unproven.ts';

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
    section('words', 'Words', [{ type: 'table', head: ['Word', 'Meaning'], rows: glossary }]),
  ];
}
