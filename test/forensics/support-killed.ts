/**
 * `pitwall freeze CONTAINER`, composed as the built one is, that kills its whole process (SIGKILL: nothing is caught, nothing flushed) at
 * one place. Arguments: CONTAINER DISPOSITION PLACE, where PLACE is one of
 *   event:TYPE[:BEGINNING]          after this event was written
 *   engine:before|after:METHOD      around a call of the engine
 *   write:NAME                      before a file of this name is written, or put in its place
 *   row:before|after                around the row of the sealed case
 *   close:before|after              around the end of the change in the journal
 */
import { createRequire, syncBuiltinESMExports } from 'node:module';
import type { App } from '../../src/cli/app.ts';
import type { GlobalFlags } from '../../src/cli/program.ts';
import type { Engine } from '../../src/domain/engine.ts';
import type { Disposition } from '../../src/domain/evidence.ts';
import type { FreezeRun, freezeNow } from '../../src/runner/freeze.ts';

const [container = '', disposition = '', place = ''] = process.argv.slice(2);

function die(): never {
  process.kill(process.pid, 'SIGKILL');
  // the signal is delivered while this thread waits: no line of ours runs after it
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  throw new Error('outlived SIGKILL');
}

function at<T>(name: string, act: () => T): T {
  if (place === `${name.replace(':', ':before:')}` || place === `${name}:before`) die();
  const result = act();
  const dieAfter = () => {
    if (place === `${name.replace(':', ':after:')}` || place === `${name}:after`) die();
  };
  if (!(result instanceof Promise)) {
    dieAfter();
    return result;
  }
  return result.then((value) => {
    dieAfter();
    return value;
  }) as T;
}

// before anything of the built command is loaded: what it imports from it are these
const files = createRequire(import.meta.url)('node:fs/promises') as Record<string, (...args: unknown[]) => Promise<unknown>>;
for (const [name, pathAt] of [
  ['writeFile', 0],
  ['rename', 1],
] as const) {
  const real = files[name] as (...args: unknown[]) => Promise<unknown>;
  files[name] = (...args) =>
    place.startsWith('write:') && String(args[pathAt]).endsWith(place.slice('write:'.length)) ? die() : real(...args);
}
syncBuiltinESMExports();

const built = async <T>(path: string) => (await import(new URL(`../../dist/${path}`, import.meta.url).href)) as T;
const { openApp } = await built<{ openApp(flags: GlobalFlags, version: string): App }>('open-app.js');
const { freezeNow: freeze } = await built<{ freezeNow: typeof freezeNow }>('runner/freeze.js');

const app = openApp({ json: true }, '0.0.0');
const deps = await app.runner({
  onEvent: ({ type, message }) => {
    const [, wanted, beginning = ''] = place.split(':');
    if (place.startsWith('event:') && type === wanted && message.startsWith(beginning)) die();
  },
});
const store = deps.store as { -readonly [K in keyof typeof deps.store]: (typeof deps.store)[K] };
const { evidence, journal } = store;
store.evidence = {
  ...evidence,
  update: (id, change) => (change.sealedAt === undefined ? evidence.update(id, change) : at('row', () => evidence.update(id, change))),
};
store.journal = {
  ...journal,
  forRun(...args) {
    const run = journal.forRun(...args);
    return {
      open(intent) {
        const change = run.open(intent);
        if (intent.kind !== 'freeze') return change;
        return {
          get record() {
            return change.record;
          },
          step: (name, data) => change.step(name, data),
          close: (state, note) => at('close', () => change.close(state, note)),
        };
      },
    };
  },
};
const engines = (await app.engines()).map((engine): Engine => {
  const wrapped: Record<string, unknown> = { ...engine };
  for (const [name, method] of Object.entries(engine)) {
    if (typeof method === 'function') wrapped[name] = (...args: unknown[]) => at(`engine:${name}`, () => method(...args) as unknown);
  }
  return wrapped as unknown as Engine;
});
const run: FreezeRun = await freeze(
  {
    containers: [container],
    compose: null,
    label: null,
    engine: null,
    reason: null,
    disposition: disposition as Disposition,
    memory: 'proc',
    volumes: false,
    leaseMs: 3_600_000,
    onExpiry: 'notify',
    force: false,
    alert: null,
  },
  engines,
  { trigger: 'manual', actor: 'test', receivedAt: app.clock.monotonic(), signal: new AbortController().signal },
  deps,
);
throw new Error(`the freeze ended before ${place}: ${run.record.reason}`);
