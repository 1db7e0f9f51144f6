import { repository } from './lib/repository.mjs';
import { run } from './lib/run.mjs';

/**
 * Compiles Pitwall. It takes about three seconds, less when nothing has changed, so it is not worth guessing whether it is needed.
 *
 * @param {{ log?: (line: string) => void }} [options]
 */
export async function ensureBuild({ log } = {}) {
  log?.('compiling');
  await run('npm', ['run', '--silent', 'build'], { cwd: repository });
}
