/** What a token may act on. Reading is by its role alone. */
import { InvalidError, RefusedError } from '../domain/errors.ts';
import { matchesGlob } from '../domain/glob.ts';

const sorts = ['drill', 'engine', 'container'] as const;
type Sort = (typeof sorts)[number];

/** Rules `SORT:GLOB`. Those of one sort are ORed, sorts are ANDed; none at all: on everything. */
export type Scope = readonly string[];

/** What an act is about, as far as it is known: names. What is null or left out is not known, and what is not known is in no scope. */
export type ActedOn = Readonly<Partial<Record<Sort, string | null>>>;

/** @throws InvalidError `token_scope` for a rule that is none. */
export function parseScope(rules: readonly string[]): Scope {
  for (const rule of rules) {
    if (splitRule(rule) === null) {
      throw new InvalidError('token_scope', `${JSON.stringify(rule)} is no scope`, {
        hint: 'use drill:GLOB, engine:GLOB or container:GLOB, such as drill:recycle-*',
      });
    }
  }
  return [...new Set(rules)].toSorted();
}

/** A sentence, or null when the act is in the scope. */
export function whyOutOfScope(scope: Scope, things: ActedOn): string | null {
  if (scope.length === 0) return null;
  const rules = scope.map(splitRule);
  const said = `the token's scope (${scope.join(', ')})`;
  // Written by a later version, or by hand: nobody knows what it was to forbid.
  if (rules.includes(null)) return `${said} cannot be read`;
  for (const sort of sorts) {
    const globs = rules.flatMap((rule) => (rule?.sort === sort ? [rule.glob] : []));
    const name = things[sort] ?? null;
    if (globs.length === 0) continue;
    if (name === null) return `this act names no ${sort}, and is out of ${said}`;
    if (!globs.some((glob) => matchesGlob(glob, name))) return `the ${sort} ${name} is out of ${said}`;
  }
  return null;
}

/** @throws RefusedError `out_of_scope`; for several things, when any of them is out of it, or when there are none. */
export function refuseOutOfScope(scope: Scope, things: ActedOn | readonly ActedOn[]): void {
  const all = Array.isArray(things) ? (things as readonly ActedOn[]) : [things as ActedOn];
  const why = all.length === 0 ? whyOutOfScope(scope, {}) : all.map((one) => whyOutOfScope(scope, one)).find((reason) => reason !== null);
  if (why != null) throw new RefusedError('out_of_scope', why, { hint: 'ask for a token with a wider scope' });
}

function splitRule(rule: string): { readonly sort: Sort; readonly glob: string } | null {
  const [, name = '', glob = ''] = /^([a-z]+):([\x21-\x7e]{1,200})$/.exec(rule) ?? [];
  const sort = sorts.find((one) => one === name);
  return sort === undefined ? null : { sort, glob };
}
