import type { z } from 'zod';
import { emptySelector } from './drill/selector-schema.ts';
import { type Place, type Problem, problem } from './problem.ts';

export interface Origin {
  readonly file: string;
  readonly data: unknown;
  readonly drill?: string | null;
  readonly place: (path: readonly PropertyKey[], of?: 'value' | 'key') => Place;
}

/** Zod's issues (with messages by `explain`) as problems with their places; one for each unknown key. */
export function zodProblems(issues: readonly z.core.$ZodIssue[], origin: Origin): Problem[] {
  return issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') {
      const lines = issue.message.split('\n');
      return issue.keys.map((key, i) => {
        const path = [...issue.path, key];
        return problem({
          code: 'unknown_key',
          ...parts(origin),
          place: origin.place(path, 'key'),
          path,
          value: key,
          expected: lines[i] ?? '',
        });
      });
    }
    const value = valueAt(origin.data, issue.path);
    const code = issue.message === emptySelector ? 'empty_selector' : value === undefined ? 'missing_key' : 'bad_value';
    return [problem({ code, ...parts(origin), place: origin.place(issue.path), path: issue.path, value, expected: issue.message })];
  });
}

function parts({ file, drill = null }: Origin) {
  return { file, drill };
}

function valueAt(data: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    return (value as Record<PropertyKey, unknown>)[key];
  }, data);
}
