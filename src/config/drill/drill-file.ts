import { createHash } from 'node:crypto';
import type { Drill } from '../../domain/drill.ts';
import { drillKinds } from '../../domain/words.ts';
import { explain } from '../explain.ts';
import { suggestion } from '../nearest.ts';
import { type Place, type Problem, problem } from '../problem.ts';
import { readYaml, type YamlDocument } from '../yaml/yaml.ts';
import { zodProblems } from '../zod-problems.ts';
import { drillSchema, type KindContract } from './drill-schema.ts';

export type Kinds = ReadonlyMap<string, KindContract>;

/** A drill, and where its name is written. */
export interface NamedDrill {
  readonly drill: Drill;
  readonly place: Place;
}

export interface DrillFile {
  readonly drills: readonly Drill[];
  readonly problems: readonly Problem[];
}

export type DrillFileParser = (
  text: string,
  file: string,
) => { readonly named: readonly NamedDrill[]; readonly problems: readonly Problem[] };

/**
 * Reads the drills of one file: one or more YAML documents. Never throws for what stands in the file: a document with a problem gives no
 * drill, the others do; two that share a name both give none.
 */
export function parseDrillFile(text: string, file: string, kinds: Kinds): DrillFile {
  const { named, problems } = drillFileParser(kinds)(text, file);
  const unique = withoutDuplicates(named);
  return { drills: unique.drills, problems: [...problems, ...unique.problems] };
}

/** For many files: the kinds' schemas are built once. Leaves drills that share a name to `withoutDuplicates`. */
export function drillFileParser(kinds: Kinds): DrillFileParser {
  const schemas = new Map<string, ReturnType<typeof drillSchema>>();
  const schemaOf = (name: string) => {
    const schema = schemas.get(name) ?? drillSchema(kinds.get(name) ?? null);
    schemas.set(name, schema);
    return schema;
  };
  return (text, file) => {
    const { documents, problems } = readYaml(text, file);
    const read = documents.map((document) => readDrill(document, file, kinds, schemaOf));
    return { named: read.flatMap((one) => one.named), problems: [...problems, ...read.flatMap((one) => one.problems)] };
  };
}

/** No one could say which of two drills with one name is meant, so neither is. */
export function withoutDuplicates(named: readonly NamedDrill[]): DrillFile {
  const byName = new Map<string, NamedDrill[]>();
  for (const one of named) byName.set(one.drill.name, [...(byName.get(one.drill.name) ?? []), one]);
  const problems = [...byName.values()].flatMap(([first, ...others]) =>
    others.map(({ drill, place }) => {
      const other = first as NamedDrill;
      const expected = `is also the name of the drill at ${other.drill.source.file}:${other.place.line}:${other.place.column}: give one of them another name`;
      return problem({
        code: 'duplicate_name',
        file: drill.source.file,
        place,
        path: ['name'],
        value: drill.name,
        expected,
        drill: drill.name,
      });
    }),
  );
  return { drills: named.map(({ drill }) => drill).filter((drill) => byName.get(drill.name)?.length === 1), problems };
}

function readDrill(document: YamlDocument, file: string, kinds: Kinds, schemaOf: (name: string) => ReturnType<typeof drillSchema>) {
  const { data, text, line } = document;
  if (data === undefined) return { named: [], problems: shortened(document.problems) };
  const drill = textAt(data, 'name');
  const kindName = textAt(data, 'kind');
  const unknown = kindName !== null && !kinds.has(kindName);
  const problems: Problem[] = [...document.problems];
  if (unknown) {
    const place = document.place(['kind']);
    problems.push(
      problem({ code: 'unknown_kind', file, place, path: ['kind'], value: kindName, expected: unknownKind(kindName, kinds), drill }),
    );
  }
  const result = schemaOf(kindName ?? '').safeParse(data, { error: explain });
  if (!result.success) problems.push(...zodProblems(result.error.issues, { file, data, drill, place: document.place }));
  if (!result.success || problems.length > 0)
    return { named: [], problems: shortened(problems.toSorted((a, b) => a.line - b.line || a.column - b.column)) };
  const definition = `sha256:${createHash('sha256').update(text).digest('hex')}`;
  return { named: [{ drill: { ...result.data, source: { file, line, text, definition } }, place: document.place(['name']) }], problems };
}

/** A file that is not ours at all can have a problem on each of its lines. */
function shortened(problems: readonly Problem[]): readonly Problem[] {
  const most = 100;
  const next = problems[most];
  if (!next) return problems;
  const expected = `${problems.length - most} more problems from here on are not shown`;
  const { code, file, line, column, drill } = next;
  return [...problems.slice(0, most), problem({ code, file, place: { line, column }, expected, drill })];
}

function unknownKind(name: string, kinds: Kinds): string {
  const known = [...kinds.keys()].toSorted();
  if ((drillKinds as readonly string[]).includes(name)) return `is not in this version of Pitwall (it has ${known.join(', ')})`;
  const hint = suggestion(name, known);
  return hint.startsWith(' (did') ? `is not a kind of drill${hint}` : `is not a kind of drill (known kinds: ${known.join(', ')})`;
}

function textAt(data: unknown, key: string): string | null {
  const value = typeof data === 'object' && data !== null && Object.hasOwn(data, key) ? (data as Record<string, unknown>)[key] : null;
  return typeof value === 'string' ? value : null;
}
