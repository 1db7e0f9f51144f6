import { Secret } from '../../../../domain/secret.ts';
import type { AnswerPaths } from './step.ts';

/** What a step said of a credential; null is what it did not say. */
export interface Answer {
  readonly user: string | null;
  readonly secret: Secret | null;
  readonly kept: Readonly<Record<string, Secret>>;
}

/** A sentence's end that says what is wrong with an answer, and nothing of what stands in it. */
export type AnswerProblem = { readonly problem: string };

/** Reads JSON. With `mayBeEmpty` it may say nothing at all. */
export function readAnswer(text: string, paths: AnswerPaths, mayBeEmpty: boolean): Answer | AnswerProblem {
  if (text.trim() === '' && mayBeEmpty) return { user: null, secret: null, kept: {} };
  const map = parsed(text);
  if (map === null) return { problem: 'answered with what is no JSON map' };
  const user = textAt(map, paths.user);
  if (user === undefined) return { problem: `answered with a ${paths.user.join('.')} that is no text` };
  const secret = textAt(map, paths.secret);
  if (secret === undefined) return { problem: `answered with a ${paths.secret.join('.')} that is no text` };
  if (secret === null && !mayBeEmpty) return { problem: `answered without ${paths.secret.join('.')}` };
  const kept: Record<string, Secret> = {};
  for (const [name, path] of Object.entries(paths.keep)) {
    const value = textAt(map, path);
    if (value === null || value === undefined) return { problem: `answered without ${path.join('.')}` };
    kept[name] = new Secret(value);
  }
  return { user, secret: secret === null ? null : new Secret(secret), kept };
}

function parsed(text: string): object | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null;
  } catch {
    // The parser's own message quotes what it could not read.
    return null;
  }
}

/** Null when there is none; undefined when it is no text, or an empty one. */
function textAt(map: object, path: readonly string[]): string | null | undefined {
  const value = path.reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null && Object.hasOwn(at, key) ? (at as Record<string, unknown>)[key] : null),
    map,
  );
  if (value === null) return null;
  return typeof value === 'string' && value !== '' ? value : undefined;
}
