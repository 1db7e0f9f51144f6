/**
 * `npm test`: everything that says whether this clone is good, from a machine that has only Node.
 *
 *   node test/run.mjs [--full]
 *
 * `--full` adds the long forms of the tests (PITWALL_TEST_FULL=1) and runs all of them again on the oldest and the newest engine.
 * The last line is `N passed, N failed`, with `, N skipped` where some were.
 */
import { ensureBuild } from '../demo/build.mjs';
import { ensureDependencies } from '../demo/dependencies.mjs';
import { ensureEngine } from '../demo/engine/engine.mjs';
import { startEngine } from '../demo/engine/start.mjs';
import { describeCaches } from '../demo/lib/caches.mjs';
import { interruptible } from '../demo/lib/interruptible.mjs';
import { progress } from '../demo/lib/progress.mjs';
import { report, UserError } from '../demo/lib/user-error.mjs';
import { runCheck } from './run/check.mjs';
import { runSuite } from './run/suite.mjs';

const log = progress();
const full = process.argv.includes('--full');
const total = { passed: 0, failed: 0, skipped: 0 };

const exitCode = await interruptible((signal) => test(signal)).catch(report);
for (const line of await describeCaches()) log(line);
const { passed, failed, skipped } = total;
process.exitCode = exitCode || (failed > 0 || passed === 0 ? 1 : 0);
// A test that never ran is not a test that passed: whatever stopped the run is a failure of its own.
const stopped = exitCode !== 0 && failed === 0 ? 1 : 0;
process.stdout.write(`${passed} passed, ${failed + stopped} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`);

async function test(signal) {
  await ensureDependencies({ log, signal });
  for (const name of ['lint', 'typecheck', 'knip']) add(await runCheck(name, { log, signal }));
  await ensureBuild({ log });
  await testOn(() => ensureEngine({ log }), signal);
  if (full) for (const suite of ['bookworm', 'sid']) await testOn(() => startEngine({ suite, network: 'own', log }), signal);
  return 0;
}

async function testOn(start, signal) {
  signal.throwIfAborted();
  const engine = await start();
  try {
    const counts = await runSuite(engine, { full, log, signal });
    add(counts);
    if (counts.passed + counts.failed === 0)
      throw new UserError(`no tests ran on the engine at ${engine.host}`, { hint: 'look for test files with `npx vitest list`' });
  } finally {
    await engine.stop();
  }
}

function add(counts) {
  for (const key of Object.keys(total)) total[key] += counts[key];
}
