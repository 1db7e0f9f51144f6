import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { serviceLines } from '../config/compose/compose-file.ts';
import type { Drill } from '../domain/drill.ts';
import { EngineError } from '../domain/errors.ts';
import type { RunRecord } from '../domain/words.ts';
import type { Asked } from '../report/identity.ts';
import type { App } from './app.ts';
import type { GivenTargets } from './given.ts';

/** Where a reader looks at what a finding is about: an absolute path, and a line from 1. */
export type Places = (record: RunRecord, finding: Asked) => { readonly path: string; readonly line: number };

const configFiles = 'com.docker.compose.project.config_files';

/** The service in its Compose file: the one that was given, or that its container says it comes from, where it can be read; else the drill. */
export async function placesOf(
  records: readonly RunRecord[],
  { drills, given, app }: { readonly drills: readonly Drill[]; readonly given: GivenTargets | undefined; readonly app: App },
): Promise<Places> {
  const live = given === undefined ? await composeFilesOf(records, app) : new Map<string, readonly string[]>();
  const lines = new Map<string, Readonly<Record<string, number>> | null>();
  const linesOf = (path: string) => {
    if (!lines.has(path)) lines.set(path, serviceLines(path));
    return lines.get(path) ?? null;
  };
  return (record, { subject, worst }) => {
    const line = given?.compose?.lines[subject];
    if (given?.compose && line !== undefined) return { path: given.compose.path, line };
    const target = record.targets.find(({ name }) => name === worst.target);
    for (const path of target === undefined ? [] : (live.get(target.id) ?? [])) {
      const found = linesOf(path)?.[target?.service ?? ''];
      if (found !== undefined) return { path, line: found };
    }
    const drill = drills.find(({ name }) => name === record.drill);
    return { path: resolve(app.cwd, drill?.source.file ?? 'drill.yaml'), line: drill?.source.line ?? 1 };
  };
}

/** The nearest folder above that has a repository in it; the working directory where there is none. */
export function repositoryRoot(cwd: string): string {
  for (let folder = cwd; ; folder = dirname(folder)) {
    if (existsSync(resolve(folder, '.git'))) return folder;
    if (dirname(folder) === folder) return cwd;
  }
}

/** By the container's id; one that was replaced since has lost its own, and its drill stands in. */
async function composeFilesOf(records: readonly RunRecord[], app: App): Promise<Map<string, readonly string[]>> {
  const files = new Map<string, readonly string[]>();
  if (records.every((record) => record.findings.length === 0)) return files;
  for (const engine of await app.engines()) {
    try {
      for (const { id, labels } of await engine.list({ all: true })) {
        const named = labels[configFiles];
        if (named !== undefined)
          files.set(
            id,
            named.split(',').filter((path) => path.startsWith('/')),
          );
      }
    } catch (error) {
      // the run is over and told: a report without the best of places is still one
      if (!(error instanceof EngineError)) throw error;
    }
  }
  return files;
}
