import { cannotRunItself } from '../../container/clone/spec.ts';
import { formatDuration } from '../../domain/duration.ts';
import type { ContainerInspect } from '../../domain/engine/containers.ts';
import { RefusedError } from '../../domain/errors.ts';
import type { Plan, PlanContext, WorkUnit } from '../../domain/kind.ts';
import type { Target } from '../../domain/target.ts';
import type { Warning } from '../../forensics/watchers/warning.ts';
import { watchersOf } from '../../forensics/watchers/watchers.ts';
import type { Params } from './params.ts';

/** What will be frozen, and what is planted in it. Throws `RefusedError` when nothing could be planted in a target. */
export async function plan(context: PlanContext<Params>): Promise<Plan> {
  const { params, targets } = context;
  if (params.on === 'target') refuse(targets);
  const info = await context.engine.info({ signal: context.signal });
  const warnings = await Promise.all(targets.map((target) => watchersOf(context.engine, frozenOf(target, params), { info })));
  const sentences = warnings.flatMap((found, at) => found.map((warning) => said(warning, targets[at], params)));
  return {
    units: targets.map((target) => unitOf(target, params)),
    idle: [],
    notes: [...targets.flatMap((target) => notesOn(target, params)), ...new Set(sentences)],
  };
}

/** What will be frozen, as the watchers would see it: a clone has none of what draws them to the original. */
function frozenOf({ inspect }: Target, { on }: Params): ContainerInspect {
  if (on === 'target') return inspect;
  const { Health: _checked, ...State } = inspect.State;
  return {
    ...inspect,
    State,
    Config: { ...inspect.Config, Labels: {}, Healthcheck: { Test: ['NONE'] } },
    HostConfig: { ...inspect.HostConfig, RestartPolicy: { Name: 'no' }, AutoRemove: false },
  };
}

function said({ what, detail, hint }: Warning, target: Target | undefined, { on }: Params): string {
  // of the clone it is told under the original's name, which it has not
  const whose = on === 'clone' && target !== undefined ? detail.replaceAll(target.name, `the clone of ${target.name}`) : detail;
  return `${what}: ${whose} (${hint})`;
}

/** The busybox that plants has to be put somewhere. */
function refuse(targets: readonly Target[]): void {
  const closed = targets.filter(({ inspect }) => inspect.HostConfig.ReadonlyRootfs === true);
  if (closed.length === 0) return;
  const names = closed.map(({ name }) => name);
  throw new RefusedError('read_only_target', `${names.join(', ')} cannot be planted in: the file system is read-only`, {
    hint: 'params.on: clone, which freezes a clone with the same confinement',
    context: { targets: names },
  });
}

function unitOf(target: Target, params: Params): WorkUnit {
  const canaries = params.canaries.join(', ');
  const memory = { proc: 'its memory from /proc', full: 'its memory from /proc and by CRIU', off: 'no memory' }[params.memory];
  const look = 'look for every canary in the evidence, and for one of each kind that was never planted; verify seal and signature';
  if (params.on === 'clone') {
    return {
      targets: [target],
      untouched: true,
      actions: [
        `make a clone of ${target.name}: its image, command and confinement, no network, empty volumes; ${target.name} itself is not touched`,
        `plant ${canaries} in the clone`,
        `freeze the clone, capture ${memory} and its disk, and sign the evidence`,
        look,
        'remove the clone; the evidence stays',
      ],
    };
  }
  const then = params.disposition === 'resume' ? 'let it go on' : 'put a fresh container in its place, and keep it frozen';
  return {
    targets: [target],
    actions: [
      `put a busybox into ${target.name}, and plant ${canaries}`,
      `freeze ${target.name}, capture ${memory} and its disk, then ${then}, after ${formatDuration(params.lease)} at the latest`,
      look,
      ...(params.disposition === 'resume' ? ['take the canaries out again'] : []),
    ],
  };
}

function notesOn(target: Target, { on }: Params): string[] {
  if (on === 'target') return [`${target.name} answers nobody while it is frozen`];
  const reason = cannotRunItself(target.inspect);
  const idle = 'the clone only sleeps, where it keeps the canaries with the confinement of the original';
  return [
    reason === null
      ? `the clone of ${target.name} runs the original’s command; if that ends without its peers, ${idle}`
      : `${target.name} ${reason}: ${idle}`,
  ];
}
