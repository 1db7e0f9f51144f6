import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from './lib/repository.mjs';

/**
 * What the runs of the demo have come to: the scorecard for people, and a report of all of them, written where it can be opened.
 *
 * @param {ReturnType<typeof import('./pitwall.mjs').demoPitwall>} pitwall
 * @param {{ sample: boolean, log: (line: string) => void, signal: AbortSignal }} options `sample`: in place of the one that is committed
 * @returns {Promise<{ lines: readonly string[], passed: boolean }>}
 */
export async function keepScore(pitwall, { sample, log, signal }) {
  log('keeping the score');
  const scorecard = await pitwall.text(['scorecard']);
  const folder = join(repository, 'reports', sample ? 'sample' : 'demo');
  rmSync(folder, { recursive: true, force: true });
  const { code, answer, err } = await pitwall.ask(['report', '--since', '1d', '--out', folder, '--format', 'html,md,json,csv'], signal);
  if (code !== 0) return { lines: [...scorecard, `no report: exit code ${code}`, ...err.trim().split('\n')], passed: false };
  const files = answer.files.map(({ path }) => path);
  return { lines: [...scorecard, '', `the report: ${files.find((path) => path.endsWith('.html'))}`], passed: true };
}
