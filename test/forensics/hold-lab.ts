import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ulid } from 'ulid';
import { inspectIfThere } from '../../src/container/look.ts';
import type { ContainerInspect, CreateBody } from '../../src/domain/engine/containers.ts';
import type { Engine } from '../../src/domain/engine.ts';
import type { Disposition } from '../../src/domain/evidence.ts';
import type { ChangeRecord, Journal } from '../../src/domain/journal.ts';
import type { Held, HoldIo } from '../../src/forensics/hold/io.ts';
import { openStore } from '../../src/store/open.ts';
import type { Store } from '../../src/store/store.ts';
import { openLab } from '../helper/lab.ts';
import { clock, Lab } from '../recreate/support/lab.ts';

export { clock };

/** Frozen containers with their holds in a store of their own, and a helper image made of the sources as they are. */
export async function holdLab() {
  const lab = new Lab();
  const helpers = await openLab('hold');
  const folder = mkdtempSync(join(tmpdir(), 'pitwall-hold-'));
  const path = join(folder, 'pitwall.db');
  const open = (): Store => ({ ...openStore({ path, clock }), instanceId: helpers.instance });
  const store = open();
  const processId = store.processes.register('command').id;
  const { id: engineId } = await lab.engine.info();
  const runId = ulid();
  newRun(runId);
  let image: Promise<string> | null = null;

  function newRun(id: string): void {
    store.runs.open({
      id,
      drill: null,
      kind: 'forensic-freeze',
      trigger: 'manual',
      actor: 'test',
      engine: { name: 'local', id: engineId, version: '', environment: 'local' },
      seed: '',
      definition: '',
      processId,
    });
  }
  /** Made at the first call that needs one. */
  const helperImage = (_engine: Engine) => {
    image ??= helpers.build().then(async (build) => (await helpers.image({ build })).reference);
    return image;
  };
  const openCase = (id: string, inspect: ContainerInspect, options: FreezeOptions): Held => {
    const name = inspect.Name.slice(1);
    const container = { id: inspect.Id, name, service: null, image: inspect.Config.Image, imageId: inspect.Image, labels: {} };
    const now = clock.now();
    store.evidence.open({
      id,
      runId,
      engine: 'local',
      engineId,
      container,
      reason: null,
      actor: 'test',
      trigger: 'manual',
      disposition: options.disposition ?? 'keep',
      memory: 'proc',
      requestedAt: now,
    });
    store.holds.open({
      evidenceId: id,
      engine: 'local',
      engineId,
      containerId: inspect.Id,
      containerName: name,
      foreign: options.foreign ?? false,
      deadline: now + (options.leaseMs ?? 3_600_000),
      onExpiry: options.onExpiry ?? 'notify',
    });
    if (options.state !== 'capturing') store.evidence.update(id, { state: options.state ?? 'whole', frozenAt: now, sealedAt: now });
    return { evidenceId: id, containerId: inspect.Id, containerName: name, foreign: options.foreign ?? false };
  };
  return {
    lab,
    engine: lab.engine,
    store,
    processId,
    helperImage,
    again: open,
    /** Paused, and held. */
    async freeze(what: string, body: Partial<CreateBody> = {}, options: FreezeOptions = {}): Promise<Held> {
      const { id } = await lab.run(what, body);
      return this.freezeThis(id, options);
    },
    async freezeThis(id: string, options: FreezeOptions = {}): Promise<Held> {
      const held = openCase(`ev_${ulid()}`, await lab.engine.inspect(id), options);
      // cgroup v1 cannot always freeze what forks as fast as it can
      for (let tries = 0; !(await lab.engine.inspect(id)).State.Paused; tries++) {
        await lab.engine.pause(id).catch((error: unknown) => {
          if (tries === 5 || !String(error).includes('unable to freeze')) throw error;
        });
      }
      store.holds.update(held.evidenceId, { state: 'held' });
      return held;
    },
    io: (given: Partial<HoldIo> = {}): HoldIo => ({
      engine: lab.engine,
      clock,
      signal: AbortSignal.timeout(120_000),
      runId,
      store,
      helperImage,
      journal: store.journal.forRun(runId, 'local', engineId),
      ...given,
    }),
    look: (id: string) => inspectIfThere(lab.engine, id),
    /** Open changes of one case, newest first. */
    changes: (held: Held): ChangeRecord[] => store.journal.openChanges().filter(({ data }) => data.evidenceId === held.evidenceId),
    async close(): Promise<void> {
      store.close();
      rmSync(folder, { recursive: true, force: true });
      // a frozen one that is removed by force is thawed first: nothing of a test minds
      await lab.sweep();
      await helpers.close();
    },
  };
}

export interface FreezeOptions {
  readonly disposition?: Disposition;
  readonly foreign?: boolean;
  readonly leaseMs?: number;
  readonly onExpiry?: 'notify' | 'resume' | 'kill' | 'replace';
  readonly state?: 'capturing' | 'whole';
}

export type HoldLab = Awaited<ReturnType<typeof holdLab>>;

/** What a process leaves that is killed right after it has written this step: nothing after it is done, nothing is closed. */
export class Killed extends Error {}

/** `open` is a step, too. */
export function dyingJournal(journal: Journal, at: string): Journal {
  let dead = false;
  const alive = () => {
    if (dead) throw new Killed();
  };
  const die = (step: string) => {
    if (step !== at) return;
    dead = true;
    throw new Killed();
  };
  return {
    open(intent) {
      alive();
      const change = journal.open(intent);
      die('open');
      return {
        get record() {
          return change.record;
        },
        step(name, data) {
          alive();
          change.step(name, data);
          die(name);
        },
        close(state, note) {
          alive();
          change.close(state, note);
        },
      };
    },
  };
}

/** Everything that acts on the engine throws once the n-th such call was made: after it, or before it. */
export function dyingEngine(engine: Engine, call: number, when: 'before' | 'after'): Engine {
  const acting = ['create', 'start', 'stop', 'kill', 'unpause', 'rename', 'setRestartPolicy', 'remove', 'connect', 'disconnect'] as const;
  let calls = 0;
  let dead = false;
  const wrapped = Object.fromEntries(
    acting.map((name) => [
      name,
      async (...args: unknown[]) => {
        if (dead) throw new Killed();
        const here = calls++ === call;
        dead ||= here;
        if (here && when === 'before') throw new Killed();
        const answer = await (engine[name] as (...all: unknown[]) => Promise<unknown>)(...args);
        if (here) throw new Killed();
        return answer;
      },
    ]),
  );
  return { ...engine, ...wrapped };
}
