import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { loadCatalogue } from '../config/catalogue.ts';
import { parseDrillFile } from '../config/drill-file.ts';
import { readText } from '../config/read-text.ts';
import type { Drill } from '../domain/drill.ts';
import { type ExitCode, exitCodes, InvalidError } from '../domain/errors.ts';
import type { App } from './app.ts';

/** `pitwall validate [PATH…]`: drill files or folders; without any, the catalogue. Every mistake of every file is printed. */
export async function validateCommand(paths: readonly string[], flags: { readonly schema?: boolean }, app: App): Promise<ExitCode> {
  const { out } = app;
  if (flags.schema) {
    const { drillJsonSchema } = await import('../config/json-schema.ts');
    process.stdout.write(`${JSON.stringify(drillJsonSchema(app.kinds), null, 2)}\n`);
    return exitCodes.ok;
  }
  const read = paths.length === 0 ? [app.catalogue()] : paths.map((path) => readPath(path, app));
  const drills = read.flatMap((one) => one.drills);
  const problems = read.flatMap((one) => one.problems);
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

function readPath(
  path: string,
  app: App,
): { readonly drills: readonly Drill[]; readonly problems: readonly { readonly message: string }[] } {
  const full = resolve(app.cwd, path);
  const stat = statSync(full, { throwIfNoEntry: false });
  if (stat === undefined) throw new InvalidError('unreadable', `${path}: there is no such file or folder`);
  if (stat.isDirectory()) return loadCatalogue({ folders: [full], kinds: app.kinds, cwd: app.cwd });
  const text = readText(full, path);
  return text.ok ? parseDrillFile(text.text, path, app.kinds) : { drills: [], problems: [text.problem] };
}
