import { utc } from './problems.ts';
import type { Problem } from './schema.ts';

/** `✖ broken, critical: PRV-07 It is not privileged` */
export function headline({ state, severity, item, title }: Problem): string {
  const sign = state === 'inconclusive' ? '?' : '✖';
  // a value and a run as a whole say themselves what they are of
  const about = item === 'verdict' || state === 'missed' ? title : `${item} ${title}`;
  return `${sign} ${state}, ${severity}: ${about}`;
}

/** Where, since when, and by what it is known. */
export function facts({
  subject,
  targets,
  since,
  at,
  run,
  drill,
  kind,
  engine,
  waivedUntil,
}: Problem): readonly (readonly [string, string])[] {
  const others = targets.filter((name) => name !== subject);
  const where = [subject, others.length === 0 ? '' : subject === '' ? others.join(', ') : `(${others.join(', ')})`].filter(
    (part) => part !== '',
  );
  return [
    ['Where', `${where.length === 0 ? 'the run as a whole' : where.join(' ')}, on engine ${engine}`],
    ['Since', since === null ? 'not known' : utc(since)],
    ['Known from', `${drill === null ? kind : `drill ${drill} (${kind})`}, run ${run}, ended ${utc(at)}`],
    ...(waivedUntil === null ? [] : [['Accepted until', waivedUntil.slice(0, 10)] as const]),
  ];
}
