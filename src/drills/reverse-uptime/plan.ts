import { containerBook } from '../../container/book.ts';
import { imagesOf } from '../../container/images-of.ts';
import { cannotRecreate, cannotRestart } from '../../container/obstacle.ts';
import { dependsOn, joins } from '../../container/references.ts';
import { unitsOf } from '../../container/units.ts';
import { instant } from '../../domain/clock.ts';
import { formatDuration } from '../../domain/duration.ts';
import type { ContainerInspect } from '../../domain/engine/containers.ts';
import { RefusedError } from '../../domain/errors.ts';
import type { Plan, PlanContext } from '../../domain/kind.ts';
import { serviceKey, type Target } from '../../domain/target.ts';
import { cannotReplace } from '../../forensics/hold/replace/cannot-replace.ts';
import { actionsFor } from './actions.ts';
import { bornAt, dueAge } from './age.ts';
import type { Params } from './params.ts';

const mostNotes = 50;

/**
 * Who is due, in the order of work; those that would lose their namespaces go with them. Everything that stands against one of them
 * refuses the whole run: nothing has been touched yet. Throws `RefusedError`.
 */
export async function plan(context: PlanContext<Params>): Promise<Plan> {
  const { params, targets, engine } = context;
  const now = context.clock.now();
  const age = (target: Target) => now - bornAt(target, params.mode);
  const due = withDependents(
    targets.filter((target) => age(target) >= dueAge(target.name, params)),
    targets,
    params.mode === 'recreate' ? dependsOn : joins,
  );
  const idle = targets.filter((target) => !due.includes(target));
  const notes = notesOnIdle(idle, now, params);
  if (due.length === 0) return { units: [], idle: idle.map(asIdle), notes };
  const known = targets.map((target) => target.inspect);
  const all = await containerBook(engine, known)({ signal: context.signal });
  await refuse(due, all, context);
  // by name first: what is shuffled, and what has the same age, is then the same list in a replay
  const units = unitsOf(due.toSorted((a, b) => (a.name < b.name ? -1 : 1)));
  if (params.onDrift === 'freeze') refuseUnfreezable(units, all);
  const ordered = params.order === 'random' ? context.random.shuffle(units) : units.toSorted((a, b) => oldest(b, age) - oldest(a, age));
  return {
    units: ordered.map((unit) => ({ targets: unit, actions: actionsFor(unit, params, (target) => formatDuration(age(target))) })),
    idle: idle.map(asIdle),
    notes: [...notesOnWork(due, all, params), ...notes],
  };
}

/** A container whose namespaces another one lives in cannot go without it. */
function withDependents(due: readonly Target[], targets: readonly Target[], depends: typeof joins): Target[] {
  const found = new Set(due);
  for (const one of found) {
    for (const target of targets) if (target !== one && depends(target.inspect, one.inspect)) found.add(target);
  }
  return [...found];
}

async function refuse(
  due: readonly Target[],
  all: readonly ContainerInspect[],
  { engine, params, signal }: PlanContext<Params>,
): Promise<void> {
  const together = new Set(due.map((target) => target.id));
  const reasons: string[] = [];
  const looked = new Map<string, ReturnType<typeof imagesOf>>();
  for (const target of due) {
    const cannot = params.mode === 'recreate' ? cannotRecreate : cannotRestart;
    const obstacle = cannot(target.inspect, all, together);
    const key = `${target.inspect.Image} ${target.image}`;
    if (!looked.has(key) && params.mode === 'recreate') looked.set(key, imagesOf(engine, target.inspect, params.image, { signal }));
    const images = await looked.get(key);
    const reason = obstacle ?? (typeof images === 'string' ? images : null);
    if (reason !== null) reasons.push(`${target.name} ${reason}`);
  }
  if (reasons.length === 0) return;
  throw new RefusedError(`cannot_${params.mode}`, reasons.join('; '), {
    hint: 'take it out of the targets, or label it pitwall.skip: "true"',
    context: { targets: due.map((target) => target.name) },
  });
}

/** What is frozen is replaced alone, and keeps its namespaces: whoever lives in them would stay behind with it. */
function refuseUnfreezable(units: readonly (readonly Target[])[], all: readonly ContainerInspect[]): void {
  const reasons = units.flatMap((unit) => {
    const [target] = unit;
    const names = unit.map(({ name }) => name).join(', ');
    if (unit.length > 1) return [`${names} share namespaces or volumes, so none of them can be frozen and replaced alone`];
    const obstacle = target === undefined ? null : cannotReplace(target.inspect, all);
    return obstacle === null ? [] : [`${names} ${obstacle}`];
  });
  if (reasons.length === 0) return;
  throw new RefusedError('cannot_freeze', reasons.join('; '), {
    hint: 'onDrift: report or fail, or take them out of the targets',
    context: { targets: units.flatMap((unit) => unit.map(({ name }) => name)) },
  });
}

function oldest(unit: readonly Target[], age: (target: Target) => number): number {
  return Math.max(...unit.map(age));
}

function asIdle(target: Target): Plan['idle'][number] {
  return { target, outcome: 'not due' };
}

function notesOnWork(due: readonly Target[], all: readonly ContainerInspect[], params: Params): string[] {
  const replicas = new Map<string, number>();
  for (const { Name, Config, State } of all) {
    const key = serviceKey({ name: Name.slice(1), labels: Config.Labels ?? {} });
    if (State.Running) replicas.set(key, (replicas.get(key) ?? 0) + 1);
  }
  const alone = due.filter((target) => (replicas.get(serviceKey(target)) ?? 0) <= 1);
  return [
    ...alone.map(
      (target) =>
        `${target.name} will be down while it is ${params.mode === 'recreate' ? 'replaced' : 'restarted'}: it is the only replica`,
    ),
    ...(params.mode === 'restart' ? ['mode restart keeps each container’s layer: it ends processes, and proves no repaving'] : []),
  ];
}

function notesOnIdle(idle: readonly Target[], now: number, params: Params): string[] {
  const notes = idle.slice(0, mostNotes).map((target) => {
    const born = bornAt(target, params.mode);
    return `${target.name} is ${formatDuration(now - born)} old; due at ${instant(Math.ceil(born + dueAge(target.name, params)))}`;
  });
  return idle.length > mostNotes ? [...notes, `and ${idle.length - mostNotes} more that are not due`] : notes;
}
