import { optInRules } from '../config/config.ts';
import { instant } from '../domain/clock.ts';
import type { Drill } from '../domain/drill.ts';
import type { ContainerSummary } from '../domain/engine/containers.ts';
import type { Engine } from '../domain/engine.ts';
import { InvalidError, RefusedError } from '../domain/errors.ts';
import type { DrillKind, Plan } from '../domain/kind.ts';
import { formatPercent } from '../domain/percent.ts';
import type { Random } from '../domain/random.ts';
import { seededRandom } from '../domain/random.ts';
import { serviceKey, type Target } from '../domain/target.ts';
import { inWindow, windowSentence } from '../domain/window.ts';
import type { RunnerDeps } from './deps.ts';
import { unsettled } from './reconcile.ts';
import { type HealthFloor, healthFloor, refuseImpossible } from './targets/min-healthy.ts';
import { type Selection, select } from './targets/select.ts';

export interface Prepared {
  readonly selection: Selection;
  readonly plan: Plan;
  readonly floor: HealthFloor;
  readonly random: Random;
}

export interface PrepareOptions {
  readonly seed: string;
  /** Names of the targets of the run that is replayed. */
  readonly only?: readonly string[] | undefined;
  /** The window does not count, for this reason. */
  readonly ignoreWindow?: string | undefined;
  readonly signal: AbortSignal;
  /** Takes what stands in the way only for now (halt, window, a busy target); without it that is thrown. */
  onlyNow?(error: RefusedError): void;
  /** Makes the targets, in place of the drill's selector. */
  readonly given?: (() => Promise<readonly Target[]>) | undefined;
  /** Told as soon as they are known, also when a later guard rail refuses. */
  onSelected?(selection: Selection): void;
}

/** Every guard rail that can be asked without touching anything, and then the kind's plan. Changes nothing. */
export async function prepare(
  drill: Drill,
  engine: Engine,
  options: PrepareOptions,
  deps: Omit<RunnerDeps, 'processId'>,
): Promise<Prepared> {
  const kind = kindOf(drill, deps);
  forNow(() => refuseHalted(deps), options);
  refuseEnvironment(drill, engine, deps);
  const { id } = await engine.info({ signal: options.signal });
  forNow(() => refuseWindow(drill, options, deps), options);
  const random = seededRandom(options.seed);
  const selection =
    options.given === undefined
      ? await select(drill, engine, { rules: optInRules(deps.config, engine), self: deps.self, random, only: options.only })
      : asSelection(await options.given());
  options.onSelected?.(selection);
  if (options.given === undefined) {
    refuseWithoutProject(drill, selection.targets);
    forNow(() => refuseBusy(id, selection.targets, deps), options);
  }
  const plan = await kind.plan({
    engine,
    params: drill.params,
    targets: selection.targets,
    clock: deps.clock,
    random,
    signal: options.signal,
  });
  // what was made for the run stands in for nothing that serves
  const touched = options.given === undefined ? plan.units : [];
  const running: readonly ContainerSummary[] = touched.length === 0 ? [] : await engine.list({}, { signal: options.signal });
  const floor = healthFloor(drill.safety, touched, running);
  refuseImpossible(floor, touched, running);
  return { selection, plan, floor, random };
}

function asSelection(targets: readonly Target[]): Selection {
  return { targets, candidates: targets.map((target) => target.name), leftOut: [] };
}

function forNow(guard: () => void, { onlyNow }: PrepareOptions): void {
  try {
    guard();
  } catch (error) {
    if (onlyNow === undefined || !(error instanceof RefusedError)) throw error;
    onlyNow(error);
  }
}

export function kindOf(drill: Drill, deps: Pick<RunnerDeps, 'kinds'>): DrillKind<unknown> {
  const kind = deps.kinds.get(drill.kind);
  if (kind === undefined) throw new InvalidError('unknown_kind', `${drill.name}: kind ${drill.kind} is not in this version of Pitwall`);
  return kind;
}

/** @throws RefusedError `halted` */
export function refuseHalted(deps: Pick<RunnerDeps, 'store'>): void {
  const halted = deps.store.control.halted();
  if (halted) {
    throw new RefusedError(
      'halted',
      `drills are halted since ${instant(halted.at)} by ${halted.by}${halted.reason ? `: ${halted.reason}` : ''}`,
      { hint: 'when it is safe again: pitwall unhalt' },
    );
  }
}

/**
 * One drill per target at a time, and none on a target that an earlier run left unsettled. The lock itself is taken when the run begins;
 * asked here too, since a container that is being replaced looks odd to every guard rail that follows.
 */
function refuseBusy(engineId: string, targets: readonly Target[], { store }: Pick<RunnerDeps, 'store'>): void {
  const held = store.locks
    .held()
    .find((lock) => lock.engineId === engineId && targets.some(({ id, name }) => lock.containerId === id || lock.name === name));
  if (held) throw new RefusedError('locked', `${held.name} is taken by run ${held.runId}`, { hint: 'wait until it has ended' });
  const left = unsettled(store).find(
    (change) => change.engineId === engineId && targets.some(({ name }) => change.target.split(', ').includes(name)),
  );
  if (left)
    throw new RefusedError('unsettled', `${left.target} still has a change of run ${left.runId} that was not settled`, {
      hint: 'run: pitwall recover',
    });
}

/** A check that names a service looks for it in the targets' Compose project; without one it could never hold. */
function refuseWithoutProject(drill: Drill, targets: readonly Target[]): void {
  const check = drill.steadyState.find((spec) => spec.type === 'health' || spec.type === 'exec' || spec.from !== null);
  if (check === undefined || projectOf(drill, targets) !== null) return;
  throw new RefusedError(
    'no_project',
    `steady state "${check.name}" names a service, but the targets are of no Compose project to find it in`,
    {
      hint: 'say targets.compose.project, or ask with http or tcp from here',
    },
  );
}

/** `service` in a check is one of the Compose project that the targets are of. */
export function projectOf(drill: Drill, targets: readonly Target[]): string | null {
  return drill.targets.compose?.project ?? targets.find((target) => target.project !== null)?.project ?? null;
}

function refuseEnvironment(drill: Drill, engine: Engine, { config }: Pick<RunnerDeps, 'config'>): void {
  if (engine.environment === 'production' && !config.policy.production.some((kind) => kind === drill.kind)) {
    throw new RefusedError('environment', `engine ${engine.name} is production, and policy.production does not name ${drill.kind}`, {
      hint: 'only the owner of that engine may add it to policy.production in pitwall.yaml',
    });
  }
  if (engine.environment !== null && drill.environments.includes(engine.environment)) return;
  const hint =
    engine.environment === null
      ? `list it in pitwall.yaml, with what it is: engines: [ { name: ${engine.name}, host: "${engine.host}", environment: staging } ]`
      : 'add the environment to the drill only if it may really run there';
  throw new RefusedError(
    'environment',
    `engine ${engine.name} (${engine.host}) ${engine.environment === null ? 'names no environment' : `is ${engine.environment}`}; ${drill.name} may run on ${drill.environments.join(', ')}`,
    { hint },
  );
}

function refuseWindow(drill: Drill, options: PrepareOptions, deps: Pick<RunnerDeps, 'clock'>): void {
  const { window } = drill.safety;
  if (window === null || options.ignoreWindow !== undefined || inWindow(window, deps.clock.now())) return;
  throw new RefusedError('window', `${drill.name} may run ${windowSentence(window)} only`, {
    hint: 'wait, or: --ignore-window --reason "…"',
  });
}

/** The plan as `pitwall plan` prints it, and as the run keeps it. */
export interface PlanReport {
  readonly drill: string;
  readonly kind: string;
  readonly engine: string;
  readonly environment: string | null;
  readonly seed: string;
  readonly candidates: readonly string[];
  readonly steps: readonly {
    readonly order: number;
    readonly targets: readonly { readonly id: string; readonly name: string; readonly service: string | null; readonly image: string }[];
    readonly actions: readonly string[];
    /** No other replica stands in while it is worked on. */
    readonly willBeDown: boolean;
  }[];
  readonly idle: readonly { readonly name: string; readonly outcome: string }[];
  readonly leftOut: readonly { readonly name: string; readonly reason: string }[];
  readonly notes: readonly string[];
  /** Why a run would be refused at this moment: halted, outside the window, a target that is busy. */
  readonly refusedNow: readonly string[];
}

export function planReport(
  drill: Drill,
  engine: Engine,
  seed: string,
  { selection, plan, floor }: Prepared,
  refusedNow: readonly string[] = [],
): PlanReport {
  return {
    drill: drill.name,
    kind: drill.kind,
    engine: engine.name,
    environment: engine.environment,
    seed,
    candidates: selection.candidates,
    steps: plan.units.map((unit, index) => ({
      order: index + 1,
      targets: unit.targets.map(({ id, name, service, image }) => ({ id, name, service, image })),
      actions: unit.actions,
      willBeDown: unit.targets.some((target) => floor.willBeDown.has(serviceKey(target))),
    })),
    idle: plan.idle.map(({ target, outcome }) => ({ name: target.name, outcome })),
    leftOut: selection.leftOut.map(({ container, reason }) => ({ name: container.name, reason })),
    notes: [...plan.notes, ...availabilityNotes(drill, plan, floor)],
    refusedNow,
  };
}

/** A share that must hold while the only replica is away will hardly hold: better said before than by a failed run. */
function availabilityNotes(drill: Drill, plan: Plan, floor: HealthFloor): string[] {
  const down = plan.units.flatMap((unit) => unit.targets).filter((target) => floor.willBeDown.has(serviceKey(target)));
  if (down.length === 0) return [];
  return drill.steadyState
    .filter((check) => check.minAvailability !== null)
    .map(
      (check) =>
        `"${check.name}" asks for ${formatPercent(check.minAvailability ?? 0)} while ${down.map((target) => target.name).join(', ')} will be down: if it asks through that, the run fails`,
    );
}
