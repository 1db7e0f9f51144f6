import type { ContainerInspect } from '../../domain/engine/containers.ts';
import { FailedError } from '../../domain/errors.ts';
import type { Change } from '../../domain/journal.ts';
import { difference } from '../difference.ts';
import { waitHealthy } from '../healthy.ts';
import { inspectIfThere } from '../look.ts';
import { plainName } from '../names.ts';
import { unfitState } from '../obstacle.ts';
import { policyName } from '../restart-policy.ts';
import { asData, type Member, type RecreateStep } from './change.ts';
import type { Recreated, RecreateIo, RecreateOptions } from './io.ts';
import type { Prepared } from './prepare.ts';
import { createBodyFrom, type RecreateSpec } from './spec.ts';

/** One walk through the steps of a recreate, and where it has got to: what its undo starts from. */
export class Walk {
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
    await this.#unchanged();
    this.#step('park');
    for (const member of this.members) await engine.rename(member.id, member.parked);
    this.#step('rename');
    for (const member of this.members) await engine.rename(newId(member), member.name);
    this.#step('start');
    for (const member of this.members) {
      // the two must never run at the same time, whoever starts the other
      if ((await inspectIfThere(engine, member.id))?.State.Running)
        throw new FailedError('target_unfit', `${member.name}: the old container was started by somebody meanwhile`);
      this.#startedAt.set(member, this.#io.clock.monotonic());
      await engine.start(newId(member));
    }
    for (const member of this.members) await this.#healthy(member);
    for (const member of this.members) await this.#inPlace(member);
    this.#step('remove-old', { always: true });
    for (const member of this.members.toReversed()) await engine.remove(member.id);
  }

  async results(): Promise<Recreated[]> {
    const replaced = this.members.map((member) => ({ Id: member.id, Name: member.name, newId: newId(member) }));
    return Promise.all(
      this.#prepared.map(async ({ member, target, before }) => {
        const after = await this.#io.engine.inspect(newId(member));
        if (!after.State.Running) throw new FailedError('not_back', `${member.name}: the new container was healthy, and then ended`);
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
    await this.#unchanged();
    this.#step('stop');
    this.#from = clock.monotonic();
    for (const member of this.members.toReversed()) await engine.stop(member.id, { graceSeconds: this.#options.graceSeconds ?? undefined });
  }

  /** What its owner changes while we are at it would be thrown away with the old one. */
  async #unchanged(): Promise<void> {
    const held = this.at === 'hold' || this.at === 'stop';
    for (const { member, before } of this.#prepared) {
      const now = await inspectIfThere(this.#io.engine, member.id);
      if (now === null) continue;
      const policy = held && member.policy.Name !== 'no' ? 'no' : member.policy.Name;
      const wanted = { ...before, HostConfig: { ...before.HostConfig, RestartPolicy: now.HostConfig.RestartPolicy } };
      if (policyName(now) === policy && settings(now) === settings(wanted)) continue;
      throw new FailedError('target_changed', `${member.name} was changed by somebody while it was being made again`);
    }
  }

  /** The last look before the way back is removed: the first of a unit may have ended while the last became healthy. */
  async #inPlace(member: Member): Promise<void> {
    const now = await inspectIfThere(this.#io.engine, newId(member));
    const unfit = now === null ? 'was removed by somebody' : unfitState(now);
    const problem = unfit ?? (now !== null && plainName(now.Name) !== member.name ? `is called ${plainName(now.Name)} now` : null);
    if (problem !== null) throw new FailedError('replacement_unhealthy', `${member.name}: the new container ${problem}`);
  }

  async #healthy(member: Member): Promise<void> {
    const { engine, clock, signal } = this.#io;
    const health = await waitHealthy(engine, newId(member), { clock, signal, steadyStateHolds: () => this.#io.steadyStateHolds() });
    if (!health.healthy) throw new FailedError('replacement_unhealthy', `${member.name}: the new container ${health.reason}`);
    this.#healthyAt.set(member, clock.monotonic());
  }
}

/** What an owner can change of a container that exists; the engine writes it in the same order each time. */
function settings({ Config, HostConfig, NetworkSettings }: ContainerInspect): string {
  return JSON.stringify([Config, HostConfig, Object.keys(NetworkSettings.Networks).toSorted()]);
}

function newId(member: Member): string {
  if (member.newId === null) throw new Error(`${member.name}: the new container has no id yet`);
  return member.newId;
}
