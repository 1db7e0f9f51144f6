import type { Drill } from '../../domain/drill.ts';
import { displayPath } from '../display-path.ts';
import { type DrillFileParser, drillFileParser, type Kinds, type NamedDrill, withoutDuplicates } from '../drill/drill-file.ts';
import type { Problem } from '../problem.ts';
import { readText } from '../read-text.ts';
import { listDrillFolders } from './drill-folders.ts';

export interface CatalogueOptions {
  /** Absolute, or relative to the process's working directory. */
  readonly folders: readonly string[];
  readonly kinds: Kinds;
  /** Files below it are shown without it. (Default: paths are shown whole.) */
  readonly cwd?: string | undefined;
}

export interface Catalogue {
  /** Sorted by name, each name once. */
  readonly drills: readonly Drill[];
  readonly problems: readonly Problem[];
}

/** Every drill of the folders. A file with a problem does not keep the others from being read. */
export function loadCatalogue({ folders, kinds, cwd }: CatalogueOptions): Catalogue {
  const found = listDrillFolders(folders, cwd);
  const parse = drillFileParser(kinds);
  const read = found.files.map((file) => readDrillFile(file, displayPath(file, cwd), parse));
  const unique = withoutDuplicates(read.flatMap((one) => one.named));
  return {
    drills: unique.drills.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    problems: [...found.problems, ...read.flatMap((one) => one.problems), ...unique.problems],
  };
}

export interface ReadDrillFile {
  readonly named: readonly NamedDrill[];
  readonly problems: readonly Problem[];
}

export function readDrillFile(file: string, shown: string, parse: DrillFileParser): ReadDrillFile {
  const text = readText(file, shown);
  return text.ok ? parse(text.text, shown) : { named: [], problems: [text.problem] };
}
