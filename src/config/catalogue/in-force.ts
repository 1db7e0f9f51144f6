import type { Drill } from '../../domain/drill.ts';
import { type NamedDrill, withoutDuplicates } from '../drill/drill-file.ts';
import type { Problem } from '../problem.ts';
import type { Catalogue, ReadDrillFile } from './catalogue.ts';

export interface WatchedCatalogue extends Catalogue {
  /** Names of drills that are in force as they last were good, because their file now has a problem. */
  readonly stale: readonly string[];
}

/** What holds of one file: its good drills, and those that it had when they last were good. */
export interface FileInForce {
  /** What the file looked like when it was read. */
  readonly mark: string;
  readonly named: readonly NamedDrill[];
  /** Of `named`, the names of those that the file no longer has in this form. */
  readonly stale: readonly string[];
  readonly problems: readonly Problem[];
}

/** A newly read file in the place of what it was before. */
export function replaceFile(before: FileInForce | undefined, read: ReadDrillFile & { readonly mark: string }): FileInForce {
  const fresh = new Set(read.named.map(({ drill }) => drill.name));
  const broken = new Set(read.problems.map((problem) => problem.drill));
  // Where a broken document does not tell its name, it may be any of those that are missing.
  const kept = (before?.named ?? []).filter(({ drill }) => !fresh.has(drill.name) && (broken.has(drill.name) || broken.has(null)));
  return { mark: read.mark, named: [...read.named, ...kept], stale: kept.map(({ drill }) => drill.name), problems: read.problems };
}

/** All files together. A name that has come to be shared stays with the drill that had it, as that was: the copy is the mistake. */
export function assemble(files: readonly FileInForce[], folderProblems: readonly Problem[], before: readonly Drill[]): WatchedCatalogue {
  const named = files.flatMap((file) => file.named);
  const unique = withoutDuplicates(named);
  const shared = new Set(unique.problems.map((problem) => problem.drill));
  const stillThere = ({ name, source }: Drill) => named.some(({ drill }) => drill.name === name && drill.source.file === source.file);
  const incumbents = before.filter((drill) => shared.has(drill.name) && stillThere(drill));
  return {
    drills: [...unique.drills, ...incumbents].toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    stale: [...files.flatMap((file) => file.stale), ...incumbents.map((drill) => drill.name)].toSorted(),
    problems: [...folderProblems, ...files.flatMap((file) => file.problems), ...unique.problems],
  };
}
