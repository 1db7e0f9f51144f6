import { alike } from '../alike.ts';
import type { Expired, Problem } from '../schema.ts';
import { ageText, commandFor } from '../wording.ts';
import { type Block, type Cell, paragraph } from './blocks.ts';
import { question } from './problem-lines.ts';
import { whereText } from './tables.ts';

/** As a table: what to do is the same for all. */
export function unknownBlocks(unknown: readonly Problem[], now: string): Block[] {
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
export function expiredBlocks(expired: readonly Expired[], more: number, now: string): Block[] {
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
