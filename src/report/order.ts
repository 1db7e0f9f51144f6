/** In which order a report lists things: the same for the same facts. */
import type { Severity } from '../domain/words.ts';
import type { Problem } from './schema.ts';

const severities: readonly Severity[] = ['critical', 'high', 'medium', 'low'];

/** The worst first: by severity, what is wrong before what is not known; the oldest of alike first, as it has waited longest. */
export function worstFirst(problems: readonly Problem[]): Problem[] {
  return problems.toSorted(
    (a, b) =>
      severities.indexOf(a.severity) - severities.indexOf(b.severity) ||
      Number(a.state === 'inconclusive') - Number(b.state === 'inconclusive') ||
      compare(a.since ?? a.at, b.since ?? b.at) ||
      compare(a.item, b.item) ||
      compare(a.subject, b.subject) ||
      compare(a.title, b.title) ||
      compare(a.drill ?? '', b.drill ?? '') ||
      compare(a.engine, b.engine),
  );
}

/** By code unit, the same everywhere. */
export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
