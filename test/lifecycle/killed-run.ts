/**
 * `pitwall run FILE`, composed as the real one is, on an engine whose Nth call of one method kills the whole process (SIGKILL: nothing is
 * caught, nothing flushed) right before it is made, while it is under way, or right after it. Arguments: FILE before|during|after METHOD N.
 */
import { findDrills } from '../../src/cli/find-drill.ts';
import type { Engine } from '../../src/domain/engine.ts';
import { openApp } from '../../src/open-app.ts';
import { run } from '../../src/runner/run/run.ts';

const [file = '', place = '', method = '', count = ''] = process.argv.slice(2);
let left = Number(count);

function die(): never {
  process.kill(process.pid, 'SIGKILL');
  // the signal is delivered while this thread waits: no line of ours runs after it
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  throw new Error('outlived SIGKILL');
}

function deadly(engine: Engine): Engine {
  return new Proxy(engine, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key);
      if (typeof value !== 'function') return value;
      const call = value.bind(target) as (...args: unknown[]) => unknown;
      if (key !== method) return call;
      return (...args: unknown[]) => {
        left--;
        if (left > 0) return call(...args);
        if (place === 'before') die();
        const made = Promise.resolve(call(...args));
        if (place === 'during') setTimeout(die, 300);
        return place === 'after' ? made.then(die) : made;
      };
    },
  });
}

const app = openApp({ json: true }, '0.0.0');
const deps = await app.runner();
const [drill] = findDrills(file, app);
const [engine] = await app.engines();
if (drill === undefined || engine === undefined) throw new Error('no drill or no engine');
await run(drill, deadly(engine), { trigger: 'manual', actor: 'test' }, deps);
throw new Error(`the run ended before call ${count} of ${method}`);
