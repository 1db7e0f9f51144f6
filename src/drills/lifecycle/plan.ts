import { containerBook } from '../../container/book.ts';
import { cannotRunItself } from '../../container/clone/spec.ts';
import { stopMs } from '../../container/grace.ts';
import { plainName } from '../../container/names.ts';
import { cannotRestart } from '../../container/obstacle.ts';
import { policyName } from '../../container/restart-policy.ts';
import { formatDuration } from '../../domain/duration.ts';
import { RefusedError } from '../../domain/errors.ts';
import type { Plan, PlanContext, WorkUnit } from '../../domain/kind.ts';
import type { Target } from '../../domain/target.ts';
import type { CheckName, Params } from './params.ts';
import { findPeers, type Peers, whatRuns } from './peers.ts';

const onBody: readonly CheckName[] = ['sigterm', 'zombies', 'comes-back'];

/** What will be tried on what. Throws `RefusedError` when a target could not be brought back. */
export async function plan(context: PlanContext<Params>): Promise<Plan> {
  const { engine, params, targets, signal } = context;
  if (params.on === 'target') await refuse(context);
  const running = await whatRuns(engine, signal);
  const peers = targets.map((target) => findPeers(target, params.dependencies, running));
  return {
    units: targets.map((target, at) => unitOf(target, peers[at] as Peers, params)),
    idle: [],
    notes: targets.flatMap((target, at) => notesOn(target, peers[at] as Peers, params)),
  };
}

async function refuse({ engine, params, targets, signal }: PlanContext<Params>): Promise<void> {
  if (!params.checks.some((name) => name === 'sigterm' || name === 'comes-back')) return;
  const all = await containerBook(engine)({ signal });
  const reasons = targets.flatMap((target) => {
    const obstacle = target.inspect.HostConfig.AutoRemove
      ? 'removes itself when it stops (--rm), so there would be no way back'
      : cannotRestart(target.inspect, all, new Set([target.id]));
    return obstacle === null ? [] : [`${target.name} ${obstacle}`];
  });
  if (reasons.length === 0) return;
  throw new RefusedError('cannot_restart', reasons.join('; '), {
    hint: 'params.on: clone, take it out of the targets, or label it pitwall.skip: "true"',
    context: { targets: targets.map(({ name }) => name) },
  });
}

function unitOf(target: Target, peers: Peers, params: Params): WorkUnit {
  const does = (name: CheckName) => params.checks.includes(name);
  const touched = params.on === 'target' && onBody.some(does);
  const clones = params.on === 'clone' || params.checks.some((name) => !onBody.includes(name));
  const body = touched ? target.name : `the clone of ${target.name}`;
  const needed = peers.containers.map(({ Name }) => plainName(Name)).join(', ');
  const grace = formatDuration(stopMs(target.inspect, null));
  const actions: readonly (string | false)[] = [
    clones &&
      `make an internal network and in it a clone of ${target.name}: its image, command, confinement, healthcheck and restart policy, empty volumes; the original is not touched`,
    does('any-order') &&
      needed !== '' &&
      `start the clone alone and watch its health, then make clones of ${needed} and wait until it is healthy (LC-04)`,
    does('zombies') &&
      `run busybox sh -c "sleep 1 &" among the processes of ${body}, without any capability, and see the orphan reaped (LC-02)`,
    does('comes-back') &&
      `run busybox reboot -n -f among the processes of ${body}, with CAP_SYS_BOOT alone, which ends its first process as kill -9 does; wait until its policy (${policyName(target.inspect)}) has started it again (LC-03)`,
    does('two-copies') && `start a second clone on the first one’s volumes, and watch both for ${formatDuration(params.watch)} (LC-06)`,
    does('sigterm') && `docker stop ${body}, within its grace period of ${grace}, and start it again (LC-01)`,
    does('honest-health') && needed !== '' && `remove the clones of ${needed}, and wait until the clone is unhealthy (LC-05)`,
    clones && 'remove the clones, their volumes and the network',
  ];
  return { targets: [target], untouched: !touched, actions: actions.filter((action) => action !== false) };
}

function notesOn(target: Target, peers: Peers, params: Params): string[] {
  const reason = cannotRunItself(target.inspect);
  const wants = params.checks.some((name) => name === 'any-order' || name === 'honest-health');
  const guessed = wants && peers.how === 'guessed' && peers.containers.length > 0;
  return [
    ...(params.on === 'target' ? [`${target.name} will be down while it is stopped and killed`] : []),
    ...(reason === null ? [] : [`${target.name} ${reason}: nothing of it is run in a clone`]),
    ...(guessed ? [`what ${target.name} needs is guessed (${peers.names.join(', ')}): params.dependencies can say it`] : []),
    ...(wants && peers.obstacle !== null ? [`what ${target.name} needs cannot be had: ${peers.obstacle}`] : []),
  ];
}
