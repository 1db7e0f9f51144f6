import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type ExitCode, exitCodes, InvalidError } from '../../domain/errors.ts';
import type { App } from '../app.ts';

/** `pitwall demo`: what `npm run demo` does; the shop and its images are in a clone only. */
export async function demoCommand(flags: { readonly once?: boolean }, _app: App): Promise<ExitCode> {
  const script = fileURLToPath(new URL('../../../demo/demo.mjs', import.meta.url));
  if (!existsSync(script)) {
    throw new InvalidError('no_demo', 'the demo is not part of this installation', { hint: 'clone the repository and run: npm run demo' });
  }
  const child = spawn(process.execPath, [script, ...(flags.once ? ['--once'] : [])], { stdio: 'inherit' });
  // the terminal sends Ctrl-C to both; ours only waits for the demo to clean up
  const ignore = () => undefined;
  process.on('SIGINT', ignore);
  const forward = () => child.kill('SIGTERM');
  process.on('SIGTERM', forward);
  const code = await new Promise<number>((resolve, reject) =>
    child.on('error', reject).on('exit', (exitCode) => resolve(exitCode ?? exitCodes.failed)),
  );
  process.off('SIGINT', ignore);
  process.off('SIGTERM', forward);
  return code as ExitCode;
}
