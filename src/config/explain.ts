import type { z } from 'zod';
import { suggestion } from './nearest.ts';

/**
 * Zod's error map: every message is a predicate of the value (see `problem`), so none repeats the value. Unknown keys come as one issue
 * for a whole map; their messages are joined by a line feed, one for each of `issue.keys`.
 */
export function explain(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? `is missing: expected ${typeName(wanted(issue))}` : notOfType(wanted(issue), issue.input);
    case 'invalid_value':
      return notOneOf(issue.values.map(String), issue.input);
    case 'unrecognized_keys':
      return issue.keys.map((key) => `is not a known key${suggestion(key, knownKeys(issue.inst))}`).join('\n');
    case 'too_small':
      return tooFew(issue);
    case 'too_big':
      return issue.origin === 'string' || issue.origin === 'array'
        ? `is longer than ${issue.maximum}${issue.origin === 'string' ? ' characters' : ''}`
        : `is more than ${issue.maximum}`;
    case 'invalid_format':
      return `is not of the form ${'pattern' in issue && issue.pattern ? issue.pattern : issue.format}`;
    case 'invalid_key':
      return 'has a key that may not stand here';
    default:
      return issue.message ?? 'is not what may stand here';
  }
}

/** A schema for whole numbers says `number` of what is no number at all. */
function wanted({ expected, inst }: z.core.$ZodRawIssue<z.core.$ZodIssueInvalidType>): string {
  const format = (inst as { _zod?: { def?: { format?: string } } } | undefined)?._zod?.def?.format;
  return expected === 'number' && format === 'safeint' ? 'int' : expected;
}

function notOfType(expected: string, input: unknown): string {
  const quotes = expected === 'string' && (typeof input === 'number' || typeof input === 'boolean') ? ' (write it in quotes)' : '';
  return `is not ${typeName(expected)}${quotes}`;
}

function notOneOf(values: readonly string[], input: unknown): string {
  if (input === undefined) return `is missing: expected ${values.length === 1 ? values[0] : `one of ${values.join(', ')}`}`;
  const form = values.length === 1 ? `is not ${values[0]}` : `is not one of ${values.join(', ')}`;
  const hint = typeof input === 'string' ? suggestion(input, values) : '';
  return hint.startsWith(' (did') ? `${form}${hint}` : form;
}

function tooFew(issue: z.core.$ZodRawIssue<z.core.$ZodIssueTooSmall>): string {
  if (issue.origin === 'string' || issue.origin === 'array') return issue.minimum === 1 ? 'is empty' : `is shorter than ${issue.minimum}`;
  return issue.inclusive === false ? `is not more than ${issue.minimum}` : `is less than ${issue.minimum}`;
}

function typeName(expected: string): string {
  const names: Readonly<Record<string, string>> = {
    string: 'a text',
    number: 'a number',
    int: 'a whole number',
    boolean: 'true or false',
    array: 'a list',
    object: 'a map',
    record: 'a map',
  };
  return names[expected] ?? expected;
}

function knownKeys(schema: unknown): string[] {
  const def = (schema as { _zod?: { def?: { shape?: object } } } | undefined)?._zod?.def;
  return Object.keys(def?.shape ?? {});
}
