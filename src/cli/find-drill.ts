import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseDrillFile } from '../config/drill/drill-file.ts';
import { readText } from '../config/read-text.ts';
import type { Drill } from '../domain/drill.ts';
import { InvalidError } from '../domain/errors.ts';
import type { App } from './app.ts';

/**
 * A drill by the name it has in the catalogue, or every drill of a file.
 *
 * @throws InvalidError when there is none, or when the file has a mistake: a file with one mistake runs nothing.
 */
export function findDrills(reference: string, app: App): readonly Drill[] {
  if (isPath(reference, app.cwd)) return readDrills(reference, app);
  const { drills, problems } = app.catalogue();
  const drill = drills.find((candidate) => candidate.name === reference);
  if (drill !== undefined) return [drill];
  const broken = problems.filter((problem) => problem.drill === reference);
  if (broken.length > 0) throw invalidDrill(broken.map((problem) => problem.message));
  throw new InvalidError('unknown_drill', `there is no drill "${reference}" in the catalogue, and no such file`, {
    hint:
      drills.length > 0
        ? `one of: ${drills.map((candidate) => candidate.name).join(', ')}`
        : 'pitwall drills lists where drills are looked for',
  });
}

function readDrills(path: string, app: App): readonly Drill[] {
  const file = resolve(app.cwd, path);
  const text = readText(file, path);
  if (!text.ok)
    throw new InvalidError('unreadable', text.problem.message, { hint: 'give the name of a drill, or the path of a drill file' });
  const { drills, problems } = parseDrillFile(text.text, path, app.kinds);
  if (problems.length > 0) throw invalidDrill(problems.map((problem) => problem.message));
  return drills;
}

function isPath(reference: string, cwd: string): boolean {
  return /[/\\]|\.ya?ml$/.test(reference) || (!/^[a-z0-9-]+$/.test(reference) && existsSync(resolve(cwd, reference)));
}

function invalidDrill(messages: readonly string[]): InvalidError {
  return new InvalidError('invalid_drill', messages.join('\n'), { hint: 'the keys are in docs/drill-file.md' });
}
