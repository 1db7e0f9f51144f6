import type { ContainerInspect } from '../../../../domain/engine/containers.ts';
import type { SecretInspect } from '../../../../domain/engine/swarm.ts';
import { EngineError, FailedError } from '../../../../domain/errors.ts';
import { newSecret, Secret } from '../../../../domain/secret.ts';
import { labels } from '../../../../domain/target.ts';
import type { Point, Rotation, SystemScope } from '../../system.ts';
import type { Data } from './data.ts';
import type { Params } from './params.ts';
import { untilAccepted, withSessions } from './points.ts';
import { referencesAt, referencesOf, type Stage, same } from './references.ts';
import { type Found, type Pace, type RollScope, settle, write } from './roll.ts';
import { usersOf } from './survey.ts';
import { type StillMounted, sayMounted, stillMounting } from './tasks.ts';
import type { Value } from './value.ts';
import { rotationLabel, secretLabel } from './versions.ts';

/** What only a rotation that was opened has, and none that was opened again after a crash. */
export interface Live {
  readonly points: readonly Point[];
  readonly from: readonly ContainerInspect[];
  readonly value: Value;
}

export interface SwarmRotation extends Rotation {
  /** Containers, of whatever service and node, in which the old version is still mounted, as Swarm knows it. */
  stillMounted(): Promise<readonly StillMounted[]>;
}

export function openRotation(params: Params, data: Data, scope: SystemScope, live: Live | null): SwarmRotation {
  const { engine, clock, signal } = scope;
  const next = newSecret();
  const second = params.alsoReads ?? null;
  const planned = scope.plan === 'planned';
  const checkers = data.services.filter(({ checks }) => checks);
  const holders = data.services.filter(({ checks }) => !checks);
  let points = live?.points ?? [];
  const from = live?.from ?? [];

  return {
    get points() {
      return points;
    },

    async prepare() {
      if (live === null) throw new Error('a rotation that was opened again can only be ended');
      await accepted(live.value.secret, `the version in use, ${data.old.name}`);
      points = await withSessions(live.points, live.value.secret, { from, scope });
      return { user: null, secret: live.value.secret };
    },

    async issue() {
      await madeFresh();
      if (planned) await all(checkers, 'added', 'own', 'running');
      else {
        await all(checkers, 'new', 'at-once', 'running');
        // Only now: a change of the setting while tasks are replaced begins the update anew.
        await all(checkers, 'new', 'own', 'running');
      }
      await accepted(next, `the new version, ${data.fresh}`);
      return { user: null, secret: next };
    },

    deploy: () => (planned ? all(data.services, 'swapped', 'own', 'running') : all(holders, 'new', 'own', 'running')),

    // Swarm itself says which version each task has.
    async verify() {
      const stage = planned ? 'swapped' : 'new';
      const roll = await rolling();
      await Promise.all(data.services.map((service) => settle(service, stage, 'running', roll)));
      if (!planned) await refuseMounted();
    },

    async refuse() {
      await madeFresh();
      if (planned) await all(data.services, 'new', 'own', 'running');
      else await all(checkers, 'new', 'at-once', 'gone');
      const left = (await mounted()).filter(({ service }) => planned || checkers.some(({ name }) => name === service));
      if (left.length > 0)
        throw new FailedError('still_mounted', `the old version ${data.old.name} is still mounted by ${sayMounted(left)}`);
    },

    // A request is checked each time, and what was open to a task ended with it.
    endSessions: async () => ({ notAllowed: null }),
    sessionsLeft: async () => null,
    stillMounted: mounted,

    async clear() {
      const fresh = await findFresh();
      if (fresh === null) return [];
      await all(data.services, 'new', 'own', 'running');
      const { [labels.run]: _, ...kept } = fresh.Spec.Labels ?? {};
      if (labels.run in (fresh.Spec.Labels ?? {})) await engine.labelSecret(fresh, kept, { signal });
      return [...(await removed(data.old, 'old')), ...(await sayLeft())];
    },

    async rollback() {
      const fresh = await findFresh();
      // It is made before any service is touched, and removed when none is left to be put back.
      if (fresh === null) return [];
      const secrets = await engine.secrets({}, { signal });
      if (!secrets.some(({ ID }) => ID === data.old.id))
        return [
          `${data.old.name} is gone from Swarm, so ${names(data.services)} keep ${data.fresh}: make it again (docker secret create) if they must not`,
        ];
      const problems = (await Promise.all(data.services.map(putBack))).flat();
      return [...problems, ...(await removed({ id: fresh.ID, name: data.fresh }, 'new'))];
    },
  };

  /** Made once; found again when it was made by a call whose answer did not come. */
  async function madeFresh(): Promise<void> {
    if (live === null) throw new Error('a rotation that was opened again can only be ended');
    if ((await findFresh()) !== null) return;
    const old = (await engine.secrets({}, { signal })).find(({ ID }) => ID === data.old.id);
    const own = { ...old?.Spec.Labels, [secretLabel]: data.base, [rotationLabel]: scope.runId, [labels.run]: scope.runId };
    await engine.createSecret(data.fresh, new Secret(next.reveal() + live.value.ending), own, { signal });
    scope.event('secret-version', `${data.fresh} is made beside ${data.old.name}`);
  }

  /** The new version, if this run has made it: another run may have got the name. */
  async function findFresh(): Promise<SecretInspect | null> {
    const found = await engine.secrets({ labels: [`${rotationLabel}=${scope.runId}`] }, { signal });
    return found.find(({ Spec }) => Spec.Name === data.fresh) ?? null;
  }

  async function rolling(): Promise<RollScope> {
    const fresh = await findFresh();
    const versions = { old: data.old, fresh: { id: fresh?.ID ?? '', name: data.fresh } };
    return { engine, clock, signal, versions, second, updateWithin: params.updateWithin };
  }

  /** All of them at the same time, each at its pace; the first failure is told when all have ended. */
  async function all(services: readonly Found[], stage: Stage, pace: Pace, until: 'running' | 'gone'): Promise<void> {
    const roll = await rolling();
    const outcomes = await Promise.allSettled(
      services.map(async (service) => {
        await write(service, stage, pace, roll);
        await settle(service, stage, until, roll);
      }),
    );
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  }

  async function putBack(service: Found): Promise<string[]> {
    const roll = await rolling();
    try {
      // In plan leak nobody can work with what there is, so nothing is lost by all at once.
      if (!planned) {
        if (await needsWrite(service, roll)) {
          await write(service, 'old', 'at-once', roll);
          await settle(service, 'old', 'running', roll);
        }
      }
      await write(service, 'old', 'own', roll);
      await settle(service, 'old', 'running', roll);
      return [];
    } catch (error) {
      if (!(error instanceof FailedError) && !(error instanceof EngineError && !error.lost)) throw error;
      return [`service ${service.name} was not put back to ${data.old.name}: ${error.message}; see docker service ps ${service.name}`];
    }
  }

  async function needsWrite(service: Found, { versions }: RollScope): Promise<boolean> {
    const now = (await engine.services({ signal })).find(({ ID }) => ID === service.id);
    return now !== undefined && !same(referencesOf(now.Spec), referencesAt('old', service, versions, second));
  }

  /** Read back; a sentence when a service still has it. */
  async function removed({ id, name }: { readonly id: string; readonly name: string }, which: 'old' | 'new'): Promise<string[]> {
    try {
      await engine.removeSecret(id, { signal });
    } catch (error) {
      if (!(error instanceof EngineError) || error.lost) throw error;
      if (error.code !== 'conflict') return [`the ${which} version ${name} could not be removed: ${error.message}`];
    }
    const [secrets, services] = [await engine.secrets({}, { signal }), await engine.services({ signal })];
    if (!secrets.some(({ ID }) => ID === id)) return [];
    return [
      `the ${which} version ${name} is still in use by ${usersOf({ ID: id }, services)}, so Swarm keeps it: docker service update --secret-rm ${name} …, then docker secret rm ${name}`,
    ];
  }

  /** Of these services, or of whichever. */
  async function refuseMounted(services: readonly Found[] | null = null): Promise<void> {
    const left = (await mounted()).filter(({ service }) => services === null || services.some(({ name }) => name === service));
    if (left.length > 0) throw new FailedError('still_mounted', `the old version ${data.old.name} is still mounted by ${sayMounted(left)}`);
  }

  function mounted(): Promise<readonly StillMounted[]> {
    return stillMounting(engine, data.old.id, signal);
  }

  async function sayLeft(): Promise<string[]> {
    const left = await mounted();
    return left.length === 0
      ? []
      : [`the old version ${data.old.name} is still mounted by ${sayMounted(left)}: docker service ps shows why`];
  }

  function accepted(secret: Secret, what: string): Promise<void> {
    return untilAccepted(points, secret, what, { from, withinMs: acceptMs, scope });
  }
}

const acceptMs = 30_000;

function names(services: readonly Found[]): string {
  return services.map(({ name }) => name).join(', ');
}
