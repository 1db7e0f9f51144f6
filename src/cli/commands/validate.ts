import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Catalogue, readDrillFile } from '../../config/catalogue/catalogue.ts';
import { listDrillFolders } from '../../config/catalogue/drill-folders.ts';
import { displayPath } from '../../config/display-path.ts';
import { drillFileParser, withoutDuplicates } from '../../config/drill/drill-file.ts';
import { type ExitCode, exitCodes, InvalidError } from '../../domain/errors.ts';
import type { App } from '../app.ts';

/** `pitwall validate [PATH…]`: drill files or folders; without any, the catalogue. Every mistake of every file is printed. */
export async function validateCommand(paths: readonly string[], flags: { readonly schema?: boolean }, app: App): Promise<ExitCode> {
  const { out } = app;
  if (flags.schema) {
    const { drillJsonSchema } = await import('../../config/json-schema.ts');
    process.stdout.write(`${JSON.stringify(drillJsonSchema(app.kinds), null, 2)}\n`);
    return exitCodes.ok;
  }
  const { drills, problems } = paths.length === 0 ? app.catalogue() : readPaths(paths, app);
  out.data({
    valid: problems.length === 0,
    drills: drills.map((drill) => ({ name: drill.name, kind: drill.kind, file: drill.source.file })),
    problems,
  });
  for (const problem of problems) process.stderr.write(out.json ? '' : `error: ${problem.message}\n`);
  if (problems.length > 0) return exitCodes.usage;
  out.line(`${drills.length} ${drills.length === 1 ? 'drill is' : 'drills are'} valid: ${drills.map((drill) => drill.name).join(', ')}`);
  return exitCodes.ok;
}

/** Files and folders together, so that a name which is used in two of them is seen. */
function readPaths(paths: readonly string[], app: App): Catalogue {
  const parse = drillFileParser(app.kinds);
  const found = paths.map((path) => {
    const full = resolve(app.cwd, path);
    const stat = statSync(full, { throwIfNoEntry: false });
    if (stat === undefined) throw new InvalidError('unreadable', `${path}: there is no such file or folder`);
    return stat.isDirectory() ? listDrillFolders([full], app.cwd) : { files: [full], problems: [] };
  });
  const files = [...new Set(found.flatMap((one) => one.files))];
  const read = files.map((file) => readDrillFile(file, displayPath(file, app.cwd), parse));
  const unique = withoutDuplicates(read.flatMap((one) => one.named));
  return {
    drills: unique.drills,
    problems: [...found.flatMap((one) => one.problems), ...read.flatMap((one) => one.problems), ...unique.problems],
  };
}
