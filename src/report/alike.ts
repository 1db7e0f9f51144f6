import type { Problem } from './schema.ts';

/** One thing to be done, and all places where it is to be done. */
export interface Alike {
  /** The first of them; the others differ in their places alone. */
  readonly problem: Problem;
  /** As a reader looks for them: `web (shop-web-1, shop-web-2)`. */
  readonly places: readonly string[];
}

/** The same of several services told once, in the order of the first. */
export function alike(problems: readonly Problem[]): Alike[] {
  const groups = new Map<string, [Problem, ...Problem[]]>();
  for (const problem of problems) {
    const { subject: _subject, targets: _targets, ...same } = problem;
    const key = JSON.stringify(same);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [problem]);
    else group.push(problem);
  }
  return [...groups.values()].map((group) => ({ problem: group[0], places: group.flatMap(placeOf) }));
}

function placeOf({ subject, targets }: Problem): string[] {
  const others = targets.filter((name) => name !== subject);
  if (subject === '') return others.length === 0 ? [] : [others.join(', ')];
  return [others.length === 0 ? subject : `${subject} (${others.join(', ')})`];
}
