import type { Alike } from '../alike.ts';
import type { Problem } from '../schema.ts';
import { lastDay, utc } from '../wording.ts';

/** `✖ broken, critical: PRV-07 It is not privileged` */
export function headline(problem: Problem): string {
  return `${problem.state === 'inconclusive' ? '?' : '✖'} ${problem.state}, ${problem.severity}: ${question(problem)}`;
}

/** A value and a run as a whole say themselves what they are of. */
export function question({ state, item, title }: Problem): string {
  return item === 'verdict' || state === 'missed' ? title : `${item} ${title}`;
}

/** Where, since when, and by what it is known. */
export function facts({ problem, places }: Alike): readonly (readonly [string, string])[] {
  const { since, at, run, drill, kind, engine, evidence, waivedUntil } = problem;
  return [
    ['Where', `${places.length === 0 ? 'the run as a whole' : places.join('; ')}, on engine ${engine}`],
    ['Since', since === null ? 'not known' : utc(since)],
    ['Known from', `${drill === null ? kind : `drill ${drill} (${kind})`}, run ${run}, ended ${utc(at)}`],
    ...(waivedUntil === null
      ? []
      : [['Accepted', `up to and with ${lastDay(waivedUntil)}${evidence === null ? `; by whom and why is in run ${run}` : ''}`] as const]),
  ];
}
