/**
 * `pitwall run FILE`, composed as the real one is, whose journal kills the whole process (SIGKILL: nothing is caught, nothing flushed)
 * right before or right after it writes one step. Arguments: FILE before|after STEP; `open` and `close` are steps here too.
 */
import { findDrills } from '../../src/cli/find-drill.ts';
import type { Change, Journal } from '../../src/domain/journal.ts';
import { openApp } from '../../src/open-app.ts';
import { run } from '../../src/runner/run/run.ts';

const [file = '', place = '', wanted = ''] = process.argv.slice(2);

function at<T>(step: string, write: () => T): T {
  if (step === wanted && place === 'before') die();
  const written = write();
  if (step === wanted && place === 'after') die();
  return written;
}

function die(): never {
  process.kill(process.pid, 'SIGKILL');
  // the signal is delivered while this thread waits: no line of ours runs after it
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  throw new Error('outlived SIGKILL');
}

function deadly(journal: Journal): Journal {
  return {
    open(intent) {
      const change: Change = at('open', () => journal.open(intent));
      return {
        get record() {
          return change.record;
        },
        step: (name, data) => at(name, () => change.step(name, data)),
        close: (state, note) => at('close', () => change.close(state, note)),
      };
    },
  };
}

const app = openApp({ json: true }, '0.0.0');
const deps = await app.runner();
const [drill] = findDrills(file, app);
const [engine] = await app.engines();
if (drill === undefined || engine === undefined) throw new Error('no drill or no engine');
const { journal } = deps.store;
const store = {
  ...deps.store,
  journal: { ...journal, forRun: (...args: Parameters<typeof journal.forRun>) => deadly(journal.forRun(...args)) },
};
await run(drill, engine, { trigger: 'manual', actor: 'test' }, { ...deps, store });
throw new Error(`the run ended before the step ${wanted}`);
