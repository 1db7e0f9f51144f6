import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findChromium } from '../../demo/debian/chromium.mjs';
import { engineCall } from '../../demo/engine/api.mjs';
import { leftBehind } from '../../demo/engine/left-behind.mjs';
import { canPull } from '../../demo/images/can-pull.mjs';
import { ensureFixtureImages } from '../../demo/images/fixtures.mjs';
import { ensureNodeBase } from '../../demo/images/pitwall.mjs';
import { repository } from '../../demo/lib/repository.mjs';
import { run } from '../../demo/lib/run.mjs';

/**
 * Runs vitest against an engine.
 *
 * @param {import('../../demo/engine/engine.mjs').EngineHandle} engine
 * @param {{ full: boolean, log: (line: string) => void, signal: AbortSignal }} options
 * @returns {Promise<{ passed: number, failed: number, skipped: number }>}
 */
export async function runSuite(engine, { full, log, signal }) {
  // Here and not in the tests: these may run in a network namespace that reaches nothing.
  const chromium = await findChromium({ log });
  if (chromium.missing) log(`the browser tests are skipped: ${chromium.missing}`);
  await ensureFixtureImages(engine, { log });
  if (!(await canPull(engine, { log }))) await ensureNodeBase(engine, { log });
  const version = (await engineCall(engine.host, 'GET', '/version')).json().Version;
  log(`running the tests on Docker ${version}`);
  const folder = mkdtempSync(join(tmpdir(), 'pitwall-test-'));
  try {
    const file = join(folder, 'results.json');
    const [command, ...args] = [...engine.enter, process.execPath, join(repository, 'node_modules/vitest/vitest.mjs'), 'run'];
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
    const env = {
      ...process.env,
      ...engine.env,
      PITWALL_TEST_BIN: join(repository, 'dist/main.js'),
      ...(chromium.path ? { PITWALL_TEST_CHROMIUM: chromium.path } : { PITWALL_TEST_NO_CHROMIUM: chromium.missing }),
      ...(full ? { PITWALL_TEST_FULL: '1' } : {}),
    };
    const { code } = await run(command, [...args, ...reporters], { cwd: repository, env, show: true, signal, anyway: true });
    signal.throwIfAborted();
    const counts = count(file, code, log);
    // On an engine that was found, other people's tests may be under way.
    return engine.started ? addLeftovers(counts, await leftBehind(engine, ['pitwall.run', 'pitwall.test']), log) : counts;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function count(file, code, log) {
  if (!existsSync(file)) {
    log(`vitest ended with exit code ${code} and wrote no results`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
  const results = JSON.parse(readFileSync(file, 'utf8'));
  // A file that cannot be loaded has failed without a test in it having done so.
  const broken = results.testResults.filter(
    (one) => one.status === 'failed' && !one.assertionResults.some((test) => test.status === 'failed'),
  );
  const failed = results.numFailedTests + broken.length;
  // An error outside of any test also fails the run.
  const outside = code !== 0 && failed === 0 ? 1 : 0;
  if (outside) log(`no test failed, but vitest ended with exit code ${code}`);
  return { passed: results.numPassedTests, failed: failed + outside, skipped: results.numPendingTests + results.numTodoTests };
}

function addLeftovers(counts, left, log) {
  if (left.length === 0) return { ...counts, passed: counts.passed + 1 };
  log(`the tests left behind: ${left.join(', ')}`);
  return { ...counts, failed: counts.failed + 1 };
}
