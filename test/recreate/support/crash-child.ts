import { setTimeout as sleep } from 'node:timers/promises';
import { recreateHandler } from '../../../src/container/recreate/handler.ts';
import { recreate } from '../../../src/container/recreate/recreate.ts';
import { restartContainer } from '../../../src/container/restart.ts';
import type { Engine } from '../../../src/domain/engine.ts';
import type { Change, Journal } from '../../../src/domain/journal.ts';
import { asTarget } from '../../../src/domain/target.ts';
import { fileJournal, readJournal } from './file-journal.ts';
import { clock, engineOfTheTest } from './lab.ts';

/** A process that kills itself at a given point of a recreate, a restart, or of what puts one right. */
export interface Crash {
  readonly does: 'recreate' | 'restart' | 'reconcile';
  readonly journal: string;
  /** Names, owners first. */
  readonly targets: readonly string[];
  readonly at:
    | { readonly step: string; readonly when: 'before' | 'after' }
    /** The n-th call that changes something, from 0. `during`: when it was sent and not yet answered; where it ends a container, once that was told to end. */
    | { readonly call: number; readonly when: 'before' | 'during' | 'after' };
}

const acting = [
  'create',
  'start',
  'stop',
  'restart',
  'kill',
  'rename',
  'setRestartPolicy',
  'remove',
  'connect',
  'disconnect',
  'removeVolume',
] as const;

const crash = JSON.parse(process.argv[2] ?? '') as Crash;
const plain = engineOfTheTest();
const engine = crashingEngine(plain);
if (crash.does === 'reconcile') {
  for (const change of readJournal(crash.journal))
    await recreateHandler.reconcile(change, { engine, clock, signal: new AbortController().signal });
} else {
  const targets = await Promise.all(crash.targets.map(async (name) => asTarget(await plain.inspect(name))));
  const journal = crashingJournal(fileJournal(crash.journal, 'run-crash'));
  const io = {
    engine,
    clock,
    journal,
    signal: new AbortController().signal,
    all: async () => targets.map((one) => one.inspect),
    steadyStateHolds: async () => true,
  };
  if (crash.does === 'restart') await restartContainer(targets[0] as (typeof targets)[0], { graceSeconds: null }, io);
  else await recreate(targets, { runId: 'run-crash', image: 'pinned', graceSeconds: null }, io);
}
await plain.close();

function die(): void {
  process.kill(process.pid, 'SIGKILL');
}

function crashingJournal(journal: Journal): Journal {
  const { at } = crash;
  const around = (name: string, write: () => void) => {
    const here = 'step' in at && at.step === name;
    if (here && at.when === 'before') die();
    write();
    if (here && at.when === 'after') die();
  };
  return {
    open(intent) {
      let change: Change | undefined;
      around('open', () => {
        change = journal.open(intent);
      });
      const opened = change as Change;
      return {
        get record() {
          return opened.record;
        },
        step: (name, data) => around(name, () => opened.step(name, data)),
        close: (state, note) => around('close', () => opened.close(state, note)),
      };
    },
  };
}

function crashingEngine(real: Engine): Engine {
  const { at } = crash;
  if (!('call' in at)) return real;
  let calls = 0;
  const wrapped = Object.fromEntries(
    acting.map((name) => {
      const method = real[name] as (...args: unknown[]) => Promise<unknown>;
      return [
        name,
        async (...args: unknown[]) => {
          const here = calls++ === at.call;
          if (here && at.when === 'before') die();
          const since = Date.now();
          const answer = method(...args);
          if (here && at.when === 'during') {
            if (name === 'stop' || name === 'restart') await Promise.race([answer, toldToEnd(String(args[0]), since)]);
            else await sleep(20);
            die();
          }
          const result = await answer;
          if (here && at.when === 'after') die();
          return result;
        },
      ];
    }),
  );
  return { ...real, ...wrapped };
}

/** However slow the machine is, the engine is at it then. */
async function toldToEnd(id: string, since: number): Promise<void> {
  for await (const event of plain.events({ types: ['container'], since, signal: new AbortController().signal })) {
    if (event.id === id && event.action === 'kill') return;
  }
}
