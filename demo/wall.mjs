import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { cacheFolder } from './lib/cache.mjs';
import { repository } from './lib/repository.mjs';

/**
 * What the runs of the demo have come to: the scorecard for people, and a report of all of them and one of the run that shows most, written where it can be opened.
 *
 * @param {ReturnType<typeof import('./pitwall.mjs').demoPitwall>} pitwall
 * @param {readonly { record: any }[]} results of the demo's own drills
 * @param {{ sample: boolean, log: (line: string) => void, signal: AbortSignal }} options `sample`: in place of the one that is committed
 * @returns {Promise<{ lines: readonly string[], passed: boolean }>}
 */
export async function keepScore(pitwall, results, { sample, log, signal }) {
  log('keeping the score');
  const scorecard = await pitwall.text(['scorecard']);
  const folder = join(repository, 'reports', sample ? 'sample' : 'demo');
  rmSync(folder, { recursive: true, force: true });
  const day = await written(pitwall, ['--since', '1d', '--format', 'html,md,json,csv'], folder, signal);
  const reports = [day, await runReport(pitwall, results, folder, signal)];
  if (sample) hideCache(folder);
  const lines = reports.flatMap(({ trouble, html, about }) => trouble ?? [`the report on ${about}: ${html}`]);
  return { lines: [...scorecard, '', ...lines], passed: reports.every(({ trouble }) => trouble === undefined) };
}

/** Where this machine has its cache is nobody's business who reads the sample. */
function hideCache(folder) {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll(cacheFolder(), '~/.cache/pitwall'));
  }
}

/** Of the rotation, for its curve; each time by the same names. */
async function runReport(pitwall, results, folder, signal) {
  const record = results.map((result) => result.record).find((one) => one?.kind === 'secret-rotation');
  if (!record) return { trouble: ['no report on a run: there is no run of a secret-rotation'] };
  const own = join(folder, 'run');
  const made = await written(pitwall, [record.id, '--format', 'html,md,json'], own, signal);
  if (made.trouble) return made;
  const name = `run-${record.drill}`;
  for (const path of made.files) renameSync(path, join(folder, `${name}${extname(path)}`));
  rmSync(own, { recursive: true });
  return { ...made, html: join(folder, `${name}.html`) };
}

async function written(pitwall, args, folder, signal) {
  const { code, answer, err } = await pitwall.ask(['report', ...args, '--out', folder], signal);
  if (code !== 0 || !answer) return { trouble: [`no report: exit code ${code}`, ...err.trim().split('\n')] };
  const files = answer.files.map(({ path }) => path);
  return { files, about: answer.title, html: files.find((path) => path.endsWith('.html')) };
}
