import type { ContainerInspect, ContainerSummary } from '../domain/engine/containers.ts';
import type { Engine } from '../domain/engine.ts';
import { EngineError, InconclusiveError, InvalidError } from '../domain/errors.ts';
import type { FreezeOrder } from '../domain/evidence.ts';
import { labels } from '../domain/target.ts';

export interface FoundContainers {
  readonly engine: Engine;
  readonly containers: readonly ContainerInspect[];
}

/**
 * Finds what a freeze on demand is about, on one engine: a set is frozen at one instant, and two engines have two clocks.
 * @throws InvalidError when a name is unknown or ambiguous, InconclusiveError when a project or label matches nothing that runs.
 */
export async function findContainers(order: FreezeOrder, engines: readonly Engine[]): Promise<FoundContainers> {
  const asked = order.engine === null ? engines : engines.filter((engine) => engine.name === order.engine);
  if (asked.length === 0) {
    throw new InvalidError(
      'unknown_engine',
      `there is no engine ${order.engine} (there is ${engines.map((engine) => engine.name).join(', ')})`,
    );
  }
  const answers = await Promise.allSettled(asked.map(async (engine) => ({ engine, containers: await onEngine(order, engine) })));
  const found = answers.flatMap((answer) => (answer.status === 'fulfilled' && answer.value.containers.length > 0 ? [answer.value] : []));
  if (found.length > 1) {
    throw new InvalidError(
      'ambiguous',
      `${describe(order)} is on more than one engine: ${found.map(({ engine }) => engine.name).join(', ')}`,
      {
        hint: 'say which with --engine NAME',
      },
    );
  }
  const [only] = found;
  const failure = answers.find((answer) => answer.status === 'rejected');
  if (only === undefined) {
    // an engine that is away may be the one that has it
    if (failure !== undefined) throw failure.reason;
    if (order.containers === null) throw new InconclusiveError('nothing_matches', `${describe(order)} matches no running container`);
    throw new InvalidError(
      'unknown_container',
      `there is no container ${order.containers.join(', ')} on ${asked.map((engine) => engine.name).join(', ')}`,
      {
        hint: 'pitwall targets',
      },
    );
  }
  refuseMissing(order, only);
  return only;
}

async function onEngine(order: FreezeOrder, engine: Engine): Promise<ContainerInspect[]> {
  const { containers } = order;
  if (containers === null) {
    const wanted = order.compose === null ? Object.entries(order.label ?? {}) : [[labels.composeProject, order.compose] as const];
    const listed = await engine.list({ labels: wanted.map(([key, value]) => `${key}=${value}`) });
    // our own clones and helpers never carry a project, but a label may be anything
    const theirs = listed.filter((container) => container.labels[labels.role] === undefined);
    return inspectAll(
      engine,
      theirs.map((container) => container.id),
    );
  }
  return inspectAll(engine, containers);
}

async function inspectAll(engine: Engine, references: readonly string[]): Promise<ContainerInspect[]> {
  const found = await Promise.all(
    references.map(async (reference) => {
      try {
        return [await engine.inspect(reference)];
      } catch (error) {
        if (error instanceof EngineError && error.code === 'not_found') return [];
        throw error;
      }
    }),
  );
  return [...new Map(found.flat().map((inspect) => [inspect.Id, inspect])).values()];
}

/** Of several names each must be there: a mistyped one must not go unnoticed. */
function refuseMissing(order: FreezeOrder, { engine, containers }: FoundContainers): void {
  const names = new Map(containers.map((inspect) => [inspect.Name.replace(/^\//, ''), inspect.Id]));
  const missing = (order.containers ?? []).filter(
    (reference) => !names.has(reference.replace(/^\//, '')) && !containers.some((inspect) => inspect.Id.startsWith(reference)),
  );
  if (missing.length > 0) {
    throw new InvalidError('unknown_container', `there is no container ${missing.join(', ')} on ${engine.name}`, {
      hint: 'pitwall targets',
    });
  }
}

function describe(order: FreezeOrder): string {
  if (order.containers !== null) return order.containers.join(', ');
  if (order.compose !== null) return `the Compose project ${order.compose}`;
  return `the label ${Object.entries(order.label ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .join(', ')}`;
}

/** What the guard rails look at. */
export function asSummary(inspect: ContainerInspect): ContainerSummary {
  return {
    id: inspect.Id,
    name: inspect.Name.replace(/^\//, ''),
    image: inspect.Config.Image,
    imageId: inspect.Image,
    state: inspect.State.Status,
    status: inspect.State.Status,
    createdAt: Date.parse(inspect.Created),
    labels: inspect.Config.Labels ?? {},
    networks: Object.keys(inspect.NetworkSettings.Networks),
  };
}
