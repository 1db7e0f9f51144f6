import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ulid } from 'ulid';
import { systemClock } from '../src/clock.ts';
import type { Drill } from '../src/domain/drill.ts';
import { startScheduler } from '../src/scheduler/scheduler.ts';
import { openStore } from '../src/store/open.ts';
import type { Store } from '../src/store/store.ts';
import { pitwall } from './command.ts';
import { type BenchResult, percentile, within } from './result.ts';

const drillCount = 500;
const rounds = 7;

/** 500 drills due at one instant, with real time and node-cron's ticks; and what `serve` costs with 500 drills none of which is due. */
export async function bench(): Promise<BenchResult[]> {
  return [
    within(`${drillCount} drills due at once: from the slot's instant to its durable claim, p99`, 'ms', 150, await claims()),
    within(`serve with ${drillCount} drills, none due`, '% of a core', 1, await idle()),
  ];
}

/** The 99th percentile of each round: an instant at which every drill is due. Each gets a run, as in real life, while the next comes. */
async function claims(): Promise<number[]> {
  const folder = mkdtempSync(join(tmpdir(), 'pitwall-bench-scheduler-'));
  const store = openStore({ path: join(folder, 'pitwall.db'), clock: systemClock });
  const processId = store.processes.register('serve').id;
  // A drill's schedule is not due at once when it is new: the first round is the next multiple of ten seconds.
  const drills = Array.from({ length: drillCount }, (_, i) => aDrill(`drill-${i}`, '*/10 * * * * *'));
  const committed = new Map<string, number>();
  const scheduler = startScheduler({
    store: { ...store, slots: timed(store.slots, committed) },
    clock: systemClock,
    processId,
    drills: () => drills,
    start: async (drill, slot) => runAtOnce(store, drill, slot.instant, processId),
    log: { info: () => {}, warn: complain, error: complain },
  });
  try {
    while (committed.size < drillCount * rounds) await sleep(200);
    const byInstant = new Map<number, number[]>();
    for (const [key, at] of committed) {
      const instant = Number(key.slice(key.indexOf('@') + 1));
      byInstant.set(instant, [...(byInstant.get(instant) ?? []), at - instant]);
    }
    const whole = [...byInstant.values()].slice(0, rounds);
    for (const delays of whole) if (delays.length !== drillCount) throw new Error(`${delays.length} of ${drillCount} slots were claimed`);
    return whole.map((delays) => percentile(delays, 0.99));
  } finally {
    await scheduler.stop();
    store.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Notes for each claimed slot when the transaction that claimed it had returned, which is when it is durable. */
function timed(slots: Store['slots'], committed: Map<string, number>): Store['slots'] {
  let pending: string[] = [];
  return {
    ...slots,
    decide(decision) {
      if (decision.state === 'claimed') pending.push(`${decision.drill}@${decision.instant}`);
      return slots.decide(decision);
    },
    transaction(work) {
      const result = slots.transaction(work);
      const now = performance.timeOrigin + performance.now();
      for (const key of pending) committed.set(key, now);
      pending = [];
      return result;
    },
  };
}

function runAtOnce(store: Store, drill: Drill, slot: number, processId: number): void {
  const id = ulid();
  const engine = { name: 'bench', id: null, version: null, environment: 'ci' };
  const nature = { kind: drill.kind, trigger: 'schedule', actor: 'scheduler', seed: 's', definition: 'sha256:bench' } as const;
  store.runs.open({ id, drill: drill.name, engine, processId, slot, ...nature });
  store.runs.end(id, { verdict: 'passed', reason: '', exitCode: 0, residue: [] });
}

/** Share of a core over each of some stretches, a while after the start. Needs a build; an engine that does not answer is none of this. */
async function idle(): Promise<number[]> {
  const home = mkdtempSync(join(tmpdir(), 'pitwall-bench-idle-'));
  const documents = Array.from(
    { length: drillCount },
    (_, i) =>
      `name: drill-${i}\nkind: reverse-uptime\nschedule: { cron: "0 3 1 1 *" }\ntargets: { labels: { pitwall.test: none } }\nparams: { maxUptime: 7d }\n`,
  );
  writeFileSync(join(home, 'drills.yaml'), documents.join('---\n'));
  const host = process.env.DOCKER_HOST ?? 'unix:///var/run/docker.sock';
  writeFileSync(
    join(home, 'pitwall.yaml'),
    `api: { port: 17590 }\ndrills: [drills.yaml]\nstore: { path: pitwall.db }\nengines: [ { name: bench, host: "${host}", environment: ci } ]\n`,
  );
  const child = spawn(process.execPath, [pitwall, 'serve', '--config', join(home, 'pitwall.yaml')], {
    env: { ...process.env, PITWALL_HOME: home },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  try {
    await sleep(15_000);
    const shares: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const [before, began] = [cpuMs(child), performance.now()];
      await sleep(10_000);
      shares.push(((cpuMs(child) - before) / (performance.now() - began)) * 100);
    }
    return shares;
  } finally {
    if (child.exitCode === null) {
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
    rmSync(home, { recursive: true, force: true });
  }
}

/** Fields 14 and 15 of `/proc/PID/stat`, in clock ticks. */
function cpuMs({ pid, exitCode }: ChildProcess): number {
  if (exitCode !== null) throw new Error(`serve ended with ${exitCode}`);
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / ticks;
}

function complain(fields: Readonly<Record<string, unknown>>, message: string): void {
  throw new Error(`${message}: ${JSON.stringify(fields)}`);
}

function aDrill(name: string, cron: string): Drill {
  return {
    name,
    kind: 'reverse-uptime',
    description: null,
    schedule: { cron, timezone: 'Europe/Berlin', jitterMs: 0, missed: 'run-once' },
    environments: ['ci'],
    targets: { labels: {}, compose: null, names: ['*'], images: null, networks: null, engines: null, pick: { all: true } },
    safety: { maxTargets: 10, minHealthy: null, timeoutMs: 60_000, abortIf: null, window: null },
    steadyState: [],
    params: {},
    objectives: {},
    source: { file: `${name}.yaml`, line: 1, text: '', definition: 'sha256:bench' },
  };
}
