/**
 * What comes of reading a value that a person wrote. The problem is a predicate that follows the value: `is not a duration (try 7d)`.
 * It never repeats the value, so that whoever prints it decides whether the value may be shown.
 */
export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: string };

export function good<T>(value: T): Parsed<T> {
  return { ok: true, value };
}

export function bad(problem: string): Parsed<never> {
  return { ok: false, problem };
}
