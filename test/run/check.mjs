import { repository } from '../../demo/lib/repository.mjs';
import { run } from '../../demo/lib/run.mjs';

/**
 * One npm script that passes or fails as a whole; what it prints is shown when it fails.
 *
 * @param {string} name
 * @param {{ log: (line: string) => void, signal: AbortSignal }} options
 * @returns {Promise<{ passed: number, failed: number, skipped: number }>}
 */
export async function runCheck(name, { log, signal }) {
  const { code, out, err } = await run('npm', ['run', '--silent', name], { cwd: repository, signal, anyway: true });
  signal.throwIfAborted();
  log(`${name}: ${code === 0 ? 'passed' : 'failed'}`);
  if (code !== 0) process.stdout.write(out + err);
  return code === 0 ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 };
}
