import { plainName } from '../../../../container/names.ts';
import type { ContainerInspect } from '../../../../domain/engine/containers.ts';
import type { SecretInspect, ServiceInspect } from '../../../../domain/engine/swarm.ts';
import { RefusedError } from '../../../../domain/errors.ts';
import { belonging, labels } from '../../../../domain/target.ts';
import type { SystemScope } from '../../system.ts';
import type { Params } from './params.ts';
import { referencesOf } from './references.ts';
import { sayMounted, stillMounting } from './tasks.ts';
import { versionsOf } from './versions.ts';

export interface User {
  readonly service: ServiceInspect;
  /** Its name among the targets. */
  readonly name: string;
  readonly checks: boolean;
  /** Of its tasks, those that run here. */
  readonly containers: readonly ContainerInspect[];
  /** On all nodes. */
  readonly replicas: number;
}

export interface Survey {
  readonly current: SecretInspect;
  readonly secrets: readonly SecretInspect[];
  readonly users: readonly User[];
  /** Where the attackers try from. */
  readonly from: readonly ContainerInspect[];
}

/** Who uses which version of the secret, all of it fit to be rotated. `RefusedError` says what is not. */
export async function survey(params: Params, scope: SystemScope): Promise<Survey> {
  const { engine, signal } = scope;
  const [secrets, services] = [await engine.secrets({}, { signal }), await engine.services({ signal })];
  const current = currentVersion(params.secret, secrets, services);
  await refuseOthers(params.secret, current, secrets, scope);
  const checkers = await checkersOf(params, scope);
  const using = services.filter((service) => uses(service, current));
  for (const [id, name] of checkers) {
    if (using.some(({ ID }) => ID === id)) continue;
    throw new RefusedError(
      'not_told',
      `service ${name} checks the secret but does not have ${current.Spec.Name}: a new version would change nothing there`,
      {
        hint: 'give it the secret (docker service update --secret-add), or leave it out of params.points',
      },
    );
  }
  const users = await Promise.all(using.map((service) => userOf(service, checkers.has(service.ID), scope)));
  const strangers = users.filter(({ containers }) => containers.length === 0);
  if (strangers.length > 0)
    throw new RefusedError(
      'not_targeted',
      `${current.Spec.Name} is in use by ${strangers.map(({ service }) => service.Spec.Name).join(', ')}, of which no running task on this engine is a target: without the new version it would break, and the old one cannot be removed`,
      { hint: `select it and let it opt in: docker service update --container-label-add ${labels.optIn}=all` },
    );
  for (const user of users) await refuseUnfit(user.service, scope);
  return { current, secrets, users, from: await fromOf(params, users, scope) };
}

function currentVersion(name: string, secrets: readonly SecretInspect[], services: readonly ServiceInspect[]): SecretInspect {
  const versions = versionsOf(name, secrets);
  if (versions.length === 0) throw new RefusedError('no_secret', `there is no Swarm secret ${name}`, { hint: 'docker secret ls' });
  const rotating = versions.find(({ Spec }) => Spec.Labels?.[labels.run] !== undefined);
  if (rotating !== undefined)
    throw new RefusedError(
      'rotation_under_way',
      `${rotating.Spec.Name} is the new version of a rotation that is under way, of run ${rotating.Spec.Labels?.[labels.run]}`,
      {
        hint: 'wait for its end; if its process is gone: pitwall recover',
      },
    );
  const used = versions.filter((version) => services.some((service) => uses(service, version)));
  const [current, other] = used;
  if (current === undefined)
    throw new RefusedError('not_used', `no service uses ${versions.map(({ Spec }) => Spec.Name).join(' or ')}`, {
      hint: 'docker service ls',
    });
  if (other !== undefined)
    throw new RefusedError(
      'two_versions',
      `two versions are in use: ${used.map((version) => `${version.Spec.Name} by ${usersOf(version, services)}`).join(', ')}`,
      {
        hint: 'bring all services to one of them first (docker service update --secret-rm … --secret-add …)',
      },
    );
  return current;
}

/** Names of the services that refer to it. */
export function usersOf(secret: { readonly ID: string }, services: readonly ServiceInspect[]): string {
  return services
    .filter((service) => uses(service, secret))
    .map(({ Spec }) => Spec.Name)
    .toSorted()
    .join(', ');
}

function uses({ Spec }: ServiceInspect, { ID }: { readonly ID: string }): boolean {
  return referencesOf(Spec).some(({ SecretID }) => SecretID === ID);
}

/** What is still mounted of an earlier version was let in before the drill, and would be after it. */
async function refuseOthers(name: string, current: SecretInspect, secrets: readonly SecretInspect[], scope: SystemScope): Promise<void> {
  for (const version of versionsOf(name, secrets)) {
    if (version.ID === current.ID) continue;
    const mounted = await stillMounting(scope.engine, version.ID, scope.signal);
    if (mounted.length > 0)
      throw new RefusedError('still_mounted', `the old version ${version.Spec.Name} is still mounted by ${sayMounted(mounted)}`, {
        hint: 'finish that rotation first: docker service ps shows why these tasks were not replaced',
      });
  }
}

/** Services of `points`: name by id. */
async function checkersOf(params: Params, scope: SystemScope): Promise<ReadonlyMap<string, string>> {
  const checkers = new Map<string, string>();
  for (const { service } of params.points) {
    const containers = await scope.service(service);
    if (containers.length === 0) throw new RefusedError('no_server', `no target of service ${service} runs`);
    for (const container of containers) {
      const id = serviceIdOf(container);
      if (id === undefined)
        throw new RefusedError('not_swarm', `${plainName(container.Name)} of service ${service} is no task of a Swarm service`);
      checkers.set(id, service);
    }
  }
  return checkers;
}

async function userOf(service: ServiceInspect, checks: boolean, scope: SystemScope): Promise<User> {
  const own = { ...service.Spec.TaskTemplate.ContainerSpec?.Labels, [labels.swarmService]: service.Spec.Name };
  const name = belonging(own).service ?? service.Spec.Name;
  const containers = (await scope.service(name)).filter((container) => serviceIdOf(container) === service.ID);
  const tasks = await scope.engine.tasks({ service: service.ID }, { signal: scope.signal });
  const replicas = tasks.filter(({ DesiredState, Status }) => DesiredState === 'running' && Status.State === 'running').length;
  return { service, name, checks, containers, replicas };
}

async function refuseUnfit({ ID, Spec, UpdateStatus }: ServiceInspect, scope: SystemScope): Promise<void> {
  if (Spec.Mode.Replicated === undefined && Spec.Mode.Global === undefined)
    throw new RefusedError('is_a_job', `service ${Spec.Name} is a job: its tasks are not replaced by an update`);
  const state = await stateOfUpdate(ID, UpdateStatus?.State, scope);
  if (state !== 'completed' && state !== 'rollback_completed')
    throw new RefusedError('update_under_way', `the last update of service ${Spec.Name} is not done: it is ${state.replace('_', ' ')}`, {
      hint: `docker service ps ${Spec.Name} says why; end it with docker service update or docker service rollback`,
    });
}

/** Swarm watches new tasks for a while (update_config.monitor) before it calls an update completed: one that is ending is waited for. */
async function stateOfUpdate(id: string, first: string | undefined, { engine, clock, signal }: SystemScope): Promise<string> {
  const end = clock.monotonic() + endingMs;
  let state = first;
  while (state === 'updating' && clock.monotonic() < end) {
    await clock.sleep(lookEveryMs, signal);
    state = (await engine.inspectService(id, { signal })).UpdateStatus?.State;
  }
  return state ?? 'completed';
}

const endingMs = 10_000;
const lookEveryMs = 250;

async function fromOf({ from }: Params, users: readonly User[], scope: SystemScope): Promise<readonly ContainerInspect[]> {
  const containers = await scope.service(from);
  if (containers.length === 0) throw new RefusedError('no_server', `no target of service ${from}, which params.from names, runs`);
  const replaced = users.find(({ service }) => containers.some((container) => serviceIdOf(container) === service.ID));
  if (replaced !== undefined)
    throw new RefusedError(
      'from_replaced',
      `service ${from} uses the secret, so its containers are replaced in the drill: the attackers need some that stay`,
      {
        hint: 'name another service in params.from that shares a network with those of params.points',
      },
    );
  const fit = containers.filter((container) =>
    users.filter(({ checks }) => checks).every((user) => user.containers.some((end) => shareNetwork(container, end))),
  );
  if (fit.length === 0) throw new RefusedError('no_way', `no container of ${from} shares a network with every service of params.points`);
  return fit;
}

function shareNetwork(a: ContainerInspect, b: ContainerInspect): boolean {
  return Object.keys(a.NetworkSettings.Networks).some((name) => name !== 'ingress' && b.NetworkSettings.Networks[name] !== undefined);
}

function serviceIdOf(container: ContainerInspect): string | undefined {
  return container.Config.Labels?.[labels.swarmServiceId];
}
