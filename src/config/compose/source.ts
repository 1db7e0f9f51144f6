import { InvalidError } from '../../domain/errors.ts';
import { problem } from '../problem.ts';
import type { YamlDocument } from '../yaml/yaml.ts';

export type Data = Readonly<Record<string, unknown>>;
export type Path = readonly (string | number)[];

/** A Compose file as its parts are read from it: where things stand, and what is said of them. */
export interface Source {
  /** As it is shown to people. */
  readonly file: string;
  /** Absolute: what relative paths in the file are relative to. */
  readonly folder: string;
  /** What `~` stands for. */
  readonly home: string;
  /** From 1; of the nearest part of the path that the file has itself. */
  line(path: Path): number;
  /** What is read otherwise than written, or not at all. */
  note(path: Path, sentence: string): void;
  /** @throws InvalidError `bad_compose`, which names file, place and path, never a value. */
  fail(path: Path, expected: string): never;
}

export interface OpenSource extends Source {
  readonly notes: readonly string[];
}

export function openSource(file: string, { folder, home }: Pick<Source, 'folder' | 'home'>, document: YamlDocument): OpenSource {
  const notes: string[] = [];
  const place = (path: Path) => {
    // a key that came by `<<` or `extends` is not in the tree under this path: then the last part that is
    let length = path.length;
    while (length > 1 && !stands(document.data, path.slice(0, length))) length--;
    return document.place(path.slice(0, length), 'key');
  };
  return {
    file,
    folder,
    home,
    notes,
    line: (path) => place(path).line,
    note(path, sentence) {
      const text = `${file}:${place(path).line} ${path.join('.')}: ${sentence}`;
      if (!notes.includes(text)) notes.push(text);
    },
    fail(path, expected) {
      throw new InvalidError('bad_compose', problem({ code: 'bad_value', file, place: place(path), path, expected }).message);
    },
  };
}

function stands(data: unknown, path: Path): boolean {
  let value = data;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return false;
    value = (value as Record<string | number, unknown>)[key];
  }
  return true;
}

export function isMap(value: unknown): value is Data {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function mapOf(value: unknown, path: Path, source: Source): Data {
  if (value === undefined || value === null) return {};
  return isMap(value) ? value : source.fail(path, 'must be a map');
}

export function listOf(value: unknown, path: Path, source: Source): readonly unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : source.fail(path, 'must be a list');
}

export function textOf(value: unknown, path: Path, source: Source): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
  return source.fail(path, 'must be a text');
}

export function textsOf(value: unknown, path: Path, source: Source): string[] {
  return listOf(value, path, source).map((one, i) => textOf(one, [...path, i], source) ?? source.fail([...path, i], 'must be a text'));
}

/** `[A=1, B]` or `{ A: 1, B: null }`; null where no value is given. */
export function pairsOf(value: unknown, path: Path, source: Source): Record<string, string | null> {
  if (!Array.isArray(value)) {
    const entries = Object.entries(mapOf(value, path, source));
    return Object.fromEntries(entries.map(([name, one]) => [name, textOf(one, [...path, name], source)]));
  }
  return Object.fromEntries(
    textsOf(value, path, source).map((one) => {
      const at = one.indexOf('=');
      return at < 0 ? [one, null] : [one.slice(0, at), one.slice(at + 1)];
    }),
  );
}

/** Reads with one of `amounts.ts`; null when the key is absent. */
export function amountOf<T>(value: unknown, path: Path, source: Source, read: (value: unknown) => T | null, expected: string): T | null {
  if (value === undefined || value === null) return null;
  return read(value) ?? source.fail(path, expected);
}
