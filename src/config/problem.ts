/** What is wrong with a file that a person wrote, and where. */
import { escapedJson } from '../domain/inert.ts';

export interface Place {
  /** From 1; 0 where there is no line: a variable of the environment, a folder. */
  readonly line: number;
  readonly column: number;
}

export type ProblemCode =
  | 'unreadable'
  | 'bad_yaml'
  | 'empty_file'
  | 'unknown_key'
  | 'missing_key'
  | 'bad_value'
  | 'empty_selector'
  | 'unknown_kind'
  | 'duplicate_name';

export interface Problem extends Place {
  readonly code: ProblemCode;
  /** As it is shown to people; for a variable of the environment, its name. */
  readonly file: string;
  /** `steadyState[0].every`; empty when the problem is not with one value. */
  readonly path: string;
  /** The value as it is shown; null when it is missing, is a list or a map, or may be a secret. */
  readonly value: string | null;
  /** What was expected, as a predicate of the value: `is not a duration (try 7d)`. */
  readonly expected: string;
  /** The whole sentence: `drills/recycle.yaml:7:14 params.maxUptime: "7 dayz" is not a duration (try 7d)`. */
  readonly message: string;
  /** Name of the drill that it is in, where one could be read. */
  readonly drill: string | null;
}

export interface ProblemParts {
  readonly code: ProblemCode;
  readonly file: string;
  readonly place: Place;
  readonly path?: readonly PropertyKey[];
  /** What stands at the path; undefined when nothing does. */
  readonly value?: unknown;
  readonly expected: string;
  readonly drill?: string | null;
}

export function problem({ code, file, place, path = [], value, expected, drill = null }: ProblemParts): Problem {
  const at = pathText(path);
  const secret = code !== 'unknown_key' && mayBeSecret(path);
  const where = place.line === 0 ? file : `${file}:${place.line}:${place.column}`;
  const sentence = value !== undefined && expected.startsWith('is ') ? `${secret ? 'the value' : show(value)} ${expected}` : expected;
  return {
    code,
    file,
    line: place.line,
    column: place.column,
    path: at,
    value: secret || value === undefined || (typeof value === 'object' && value !== null) ? null : show(value),
    expected,
    message: `${where} ${at === '' ? '' : `${at}: `}${sentence}`,
    drill,
  };
}

/** `targets.names[2]`; keys that are not plain words are quoted. */
export function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    const name = String(key);
    if (!/^[\w-]+$/.test(name)) return `${text}[${JSON.stringify(cut(name))}]`;
    return text === '' ? name : `${text}.${name}`;
  }, '');
}

/** A value in a message: short, on one line, and without what a terminal would obey. */
export function show(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'string') return escapedJson(JSON.stringify(cut(value)));
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : 'a map';
}

/** By the words in its path: the value itself may be what someone wrote where a reference belongs. */
function mayBeSecret(path: readonly PropertyKey[]): boolean {
  // the address of a webhook is one: whoever knows it can write there
  if (path[0] === 'notify' && path[2] === 'url') return true;
  return path.some((key) => /passw|secret|token|credential|private/i.test(String(key)));
}

function cut(text: string): string {
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
