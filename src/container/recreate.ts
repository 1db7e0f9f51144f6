import type { Clock } from '../domain/clock.ts';
import type { ContainerInspect, Engine } from '../domain/engine.ts';
import { EngineError, FailedError } from '../domain/errors.ts';
import type { Change, Journal, Reconciled } from '../domain/journal.ts';
import type { Target } from '../domain/target.ts';
import { difference } from './difference.ts';
import { type Drift, drift } from './drift.ts';
import { healthcheckLimitMs, waitHealthy } from './healthy.ts';
import { inspectIfThere } from './look.ts';
import { unfitState } from './obstacle.ts';
import { type Prepared, prepare } from './prepare.ts';
import { asData, type Member, type RecreateStep } from './recreate-change.ts';
import { createBodyFrom, type RecreateSpec } from './recreate-spec.ts';
import { settle } from './settle.ts';

export interface RecreateOptions {
  readonly runId: string;
  readonly image: 'pinned' | 'current';
  /** Whole seconds before a container that does not end is killed; null is its own. */
  readonly graceSeconds: number | null;
}

export interface RecreateIo {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly journal: Journal;
  /** Once aborted no step is taken any more and what was begun is put back, unless the new ones are healthy already. */
  readonly signal: AbortSignal;
  /** All containers of the engine, stopped ones included: what must not be torn apart is found there. */
  all(): Promise<readonly ContainerInspect[]>;
  /** Asked of containers that have no healthcheck. */
  steadyStateHolds(): Promise<boolean>;
  /** Told of the outgoing container's drift before it is touched; null when it could not be read. */
  onDrift?(target: Target, drift: Drift | null): void;
  /** Told how it ended when something went wrong after the first touch. */
  onSettled?(settled: Reconciled): void;
}

export interface Recreated {
  readonly target: Target;
  readonly newId: string;
  /** UTC ms, by the engine's clock. */
  readonly createdAt: number;
  /** From the call that starts the new one until it was seen healthy. */
  readonly timeToHealthyMs: number;
  /** Monotonic: from just before the old one was told to stop until the new one was seen healthy. */
  readonly from: number;
  readonly to: number;
  /** Where the new one differs from the old one; should be empty. */
  readonly differs: readonly string[];
}

/**
 * Makes each container of a unit again from its image, in steps that are journalled before they are taken; the old and the new one never
 * run at the same time. Whatever goes wrong before the new ones are healthy, the old ones are put back, and then it throws: `FailedError`,
 * the signal's reason, or the engine's error when that is lost; the change then stays open for the handler. Owners of namespaces come
 * first in `unit`.
 */
export async function recreate(unit: readonly Target[], options: RecreateOptions, io: RecreateIo): Promise<Recreated[]> {
  const prepared = await prepare(unit, options, io);
  for (const one of prepared) io.onDrift?.(one.target, await driftOf(one.before, io));
  io.signal.throwIfAborted();
  const names = unit.map((target) => target.name).join(', ');
  const change = io.journal.open({ kind: 'recreate', target: names, data: asData(prepared.map((one) => one.member)) });
  const walk = new Walk(prepared, change, options, io);
  try {
    await walk.all();
  } catch (error) {
    if (error instanceof EngineError && error.lost) throw error;
    const settled = await settleNow(walk, io);
    tryClose(change, settled);
    io.onSettled?.(settled);
    if (settled.state !== 'done') throw failure(names, error, settled, io.signal);
    return walk.results();
  }
  change.close('done');
  return walk.results();
}

/** One walk through the steps, and where it has got to: what its undo starts from. */
class Walk {
  /** The last step that the journal has. */
  at: RecreateStep | null = null;
  readonly #prepared: readonly Prepared[];
  readonly #change: Change;
  readonly #options: RecreateOptions;
  readonly #io: RecreateIo;
  readonly #specs = new Map<Member, RecreateSpec>();
  readonly #startedAt = new Map<Member, number>();
  readonly #healthyAt = new Map<Member, number>();
  #from = 0;

  constructor(prepared: readonly Prepared[], change: Change, options: RecreateOptions, io: RecreateIo) {
    this.#prepared = prepared;
    this.#change = change;
    this.#options = options;
    this.#io = io;
  }

  get members(): readonly Member[] {
    return this.#prepared.map((one) => one.member);
  }

  async all(): Promise<void> {
    const { engine } = this.#io;
    for (const one of this.#prepared) {
      this.#step('create');
      await this.#create(one);
    }
    await this.#connect();
    if (this.members.some((member) => member.policy.Name !== 'no')) {
      this.#step('hold');
      for (const member of this.members) await engine.setRestartPolicy(member.id, { Name: 'no' });
    }
    await this.#stop();
    this.#step('park');
    for (const member of this.members) await engine.rename(member.id, member.parked);
    this.#step('rename');
    for (const member of this.members) await engine.rename(newId(member), member.name);
    this.#step('start');
    for (const member of this.members) {
      this.#startedAt.set(member, this.#io.clock.monotonic());
      await engine.start(newId(member));
    }
    for (const member of this.members) await this.#healthy(member);
    this.#step('remove-old', { always: true });
    for (const member of this.members.toReversed()) await engine.remove(member.id);
  }

  async results(): Promise<Recreated[]> {
    const replaced = this.members.map((member) => ({ Id: member.id, Name: member.name, newId: newId(member) }));
    return Promise.all(
      this.#prepared.map(async ({ member, target, before }) => {
        const after = await this.#io.engine.inspect(newId(member));
        const to = this.#healthyAt.get(member) ?? this.#io.clock.monotonic();
        return {
          target,
          newId: after.Id,
          createdAt: Date.parse(after.Created),
          timeToHealthyMs: to - (this.#startedAt.get(member) ?? this.#from),
          from: this.#from,
          to,
          differs: difference(before, after, { image: this.#options.image, replaced }),
        };
      }),
    );
  }

  #step(name: RecreateStep, options: { readonly always?: boolean } = {}): void {
    if (!options.always) this.#io.signal.throwIfAborted();
    this.#change.step(name, asData(this.members));
    this.at = name;
  }

  async #create({ member, target, before, images, sources }: Prepared): Promise<void> {
    const { engine } = this.#io;
    const { apiVersion } = await engine.info();
    const replaced = this.members.flatMap((one) => (one.newId === null ? [] : [{ Id: one.id, Name: one.name, newId: one.newId }]));
    const spec = createBodyFrom(before, images.image, {
      apiVersion,
      image: this.#options.image,
      oldImage: images.oldImage,
      sources,
      replaced,
    });
    const made = await engine.create(member.fresh, spec.body);
    member.newId = made.id;
    this.#specs.set(member, spec);
    // a tag may move between being looked up and being used
    const wanted = this.#options.image === 'current' ? images.image?.Id : before.Image;
    const { Image } = await engine.inspect(made.id);
    if (Image !== wanted) throw new FailedError('image_moved', `${target.name}: its image was changed while it was being made again`);
  }

  async #connect(): Promise<void> {
    const { engine } = this.#io;
    const specs = [...this.#specs].filter(([, spec]) => spec.connect.length + spec.disconnect.length > 0);
    if (specs.length === 0) return;
    this.#step('connect');
    for (const [member, { connect, disconnect }] of specs) {
      for (const network of disconnect) await engine.disconnect(network, newId(member));
      for (const { network, endpoint } of connect) await engine.connect(network, newId(member), endpoint);
    }
  }

  /** Those that join others first. */
  async #stop(): Promise<void> {
    const { engine, clock } = this.#io;
    for (const member of this.members) {
      const now = await inspectIfThere(engine, member.id);
      // stopping a paused container lets it run, and whoever holds it wants it held
      const unfit = now === null ? 'was removed by somebody' : unfitState(now);
      if (unfit !== null) throw new FailedError(now === null ? 'target_gone' : 'target_unfit', `${member.name} ${unfit}`);
    }
    this.#step('stop');
    this.#from = clock.monotonic();
    for (const member of this.members.toReversed()) await engine.stop(member.id, { graceSeconds: this.#options.graceSeconds ?? undefined });
  }

  async #healthy(member: Member): Promise<void> {
    const { engine, clock, signal } = this.#io;
    const health = await waitHealthy(engine, newId(member), { clock, signal, steadyStateHolds: () => this.#io.steadyStateHolds() });
    if (!health.healthy) throw new FailedError('replacement_unhealthy', `${member.name}: the new container ${health.reason}`);
    this.#healthyAt.set(member, clock.monotonic());
  }
}

function newId(member: Member): string {
  if (member.newId === null) throw new Error(`${member.name}: the new container has no id yet`);
  return member.newId;
}

async function driftOf(inspect: ContainerInspect, io: RecreateIo): Promise<Drift | null> {
  try {
    return await drift(io.engine, inspect, { signal: io.signal });
  } catch (error) {
    // knowing less is no reason to let the container live on; an engine that is lost is noticed by the next call
    if (error instanceof EngineError) return null;
    throw error;
  }
}

/** With a deadline of its own and never the run's signal: an undo is not interrupted. */
async function settleNow(walk: Walk, io: RecreateIo): Promise<Reconciled> {
  const olds = await Promise.all(walk.members.map((member) => inspectIfThere(io.engine, member.id)));
  const health = Math.max(0, ...olds.map((old) => (old?.State.Health === undefined ? 0 : healthcheckLimitMs(old))));
  const stops = walk.members.reduce((sum, member) => sum + 2 * member.stopMs, 0);
  const signal = AbortSignal.timeout(60_000 + stops + health);
  return settle(walk.members, walk.at, { engine: io.engine, clock: io.clock, signal, inFlight: false });
}

/** A journal that cannot be written keeps the change open; what went wrong first is what is reported. */
function tryClose(change: Change, settled: Reconciled): void {
  try {
    change.close(settled.state, settled.state === 'residue' ? settled.residue.join('; ') : settled.note);
  } catch {
    return;
  }
}

function failure(names: string, error: unknown, settled: Reconciled, signal: AbortSignal): unknown {
  if (signal.aborted && error === signal.reason) return error;
  if (!(error instanceof FailedError) && !(error instanceof EngineError)) return error;
  const what = error instanceof FailedError ? error.message : `${names}: ${error.message}`;
  const then = settled.state === 'residue' ? settled.residue.join('; ') : settled.note;
  const code = error instanceof FailedError ? error.code : 'recreate_failed';
  return new FailedError(code, `${what}; ${then}`, { cause: error, hint: error.hint, context: { settled: settled.state } });
}
