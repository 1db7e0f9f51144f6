import type { Clock } from '../../../../domain/clock.ts';
import type { ServiceInspect, ServiceSpec, TaskInspect, UpdateConfig } from '../../../../domain/engine/swarm.ts';
import type { Engine } from '../../../../domain/engine.ts';
import { EngineError, FailedError } from '../../../../domain/errors.ts';
import { type Before, merged, referencesAt, referencesOf, type Stage, same, type Version, type Versions } from './references.ts';
import { containerName, isAlive, mounts } from './tasks.ts';

/** A service as it was found, with what says how its tasks are replaced. */
export interface Found extends Before {
  readonly updateConfig: UpdateConfig | null;
}

/** `own`: as the service's update_config says. `at-once`: every task is stopped, then started; that setting is put back by the next write at its own pace. */
export type Pace = 'own' | 'at-once';

export interface RollScope {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly versions: Versions;
  /** The second file of those who check; null when there is none. */
  readonly second: string | null;
  /** ms */
  readonly updateWithin: number;
}

/** Tells Swarm what the service's tasks shall have. False when it knows already, or when the service is gone. Tasks are replaced after it returns. */
export async function write(found: Found, stage: Stage, pace: Pace, scope: RollScope): Promise<boolean> {
  const { engine, signal, versions, second } = scope;
  for (let tries = 1; ; tries += 1) {
    const now = await lookUp(engine, found.id, signal);
    if (now === null) return false;
    const references = merged(referencesOf(now.Spec), referencesAt(stage, found, versions, second), versions);
    const updateConfig = configAt(pace, found, now.Spec);
    const known = same(references, referencesOf(now.Spec)) && isSame(now.Spec.UpdateConfig ?? null, updateConfig);
    // A paused update goes on when it is written again, though nothing is new in it.
    if (known && !paused.has(now.UpdateStatus?.State ?? '')) return false;
    try {
      await engine.updateService(found.id, now.Version.Index, specWith(now.Spec, references, updateConfig), { signal });
      return true;
    } catch (error) {
      // Someone else wrote between our look and our write.
      if (!(error instanceof EngineError) || error.code !== 'conflict' || tries >= 5) throw error;
    }
  }
}

/**
 * Waits until every running task has what `write` said and as many run as should; `gone`: until no task has anything else, whether new ones run or not.
 * `FailedError` when Swarm has given up or it takes longer than `updateWithin`: `still_mounted` when tasks are left that have the old version as before.
 */
export async function settle(found: Found, stage: Stage, until: 'running' | 'gone', scope: RollScope): Promise<void> {
  const { engine, clock, signal, versions, second, updateWithin } = scope;
  const wanted = versionsIn(referencesAt(stage, found, versions, second), versions);
  const end = clock.monotonic() + updateWithin;
  for (;;) {
    const service = await lookUp(engine, found.id, signal);
    if (service === null) return;
    const tasks = await engine.tasks({ service: found.id }, { signal });
    const alive = tasks.filter(isAlive);
    const stale = alive.filter(({ Spec }) => !same(versionsIn(Spec.ContainerSpec?.Secrets ?? [], versions), wanted));
    const meant = alive.filter((task) => task.DesiredState === 'running' && !stale.includes(task));
    const running = meant.filter(({ Status }) => Status.State === 'running').length;
    if (stale.length === 0 && (until === 'gone' || running >= (service.Spec.Mode.Replicated?.Replicas ?? meant.length))) return;
    const state = service.UpdateStatus?.State ?? '';
    const late = clock.monotonic() >= end;
    if (stopped(state, stage) || late) {
      const what = late
        ? `its tasks were not replaced within ${updateWithin / 1_000} s`
        : `Swarm has ${paused.has(state) ? 'paused' : 'rolled back'} its update`;
      throw notReplaced(found.name, what, { stale, tasks, old: stage === 'old' ? null : versions.old });
    }
    await clock.sleep(lookEveryMs, signal);
  }
}

const lookEveryMs = 100;
const paused: ReadonlySet<string> = new Set(['paused', 'rollback_paused']);

/** Swarm going back by itself is what going back is about. */
function stopped(state: string, stage: Stage): boolean {
  return paused.has(state) || (stage !== 'old' && state.startsWith('rollback_'));
}

function notReplaced(
  service: string,
  what: string,
  { stale, tasks, old }: { readonly stale: readonly TaskInspect[]; readonly tasks: readonly TaskInspect[]; readonly old: Version | null },
): FailedError {
  const exit = tasks.find(({ Status }) => Status.State === 'failed')?.Status.ContainerStatus?.ExitCode;
  const why = `service ${service}: ${what}${exit === undefined ? '' : `; a new task ended with exit code ${exit}`}`;
  const hint = `docker service ps --no-trunc ${service}`;
  const left = stale.filter((task) => old !== null && mounts(task, old.id)).map((task) => containerName(service, task));
  if (old === null || left.length === 0) return new FailedError('not_replaced', why, { hint });
  return new FailedError('still_mounted', `the old version ${old.name} is still mounted by ${left.toSorted().join(', ')} (${why})`, {
    hint,
  });
}

async function lookUp(engine: Engine, id: string, signal: AbortSignal): Promise<ServiceInspect | null> {
  try {
    return await engine.inspectService(id, { signal });
  } catch (error) {
    if (error instanceof EngineError && error.code === 'not_found') return null;
    throw error;
  }
}

function versionsIn(references: Parameters<typeof same>[0], { old, fresh }: Versions): Parameters<typeof same>[0] {
  return references.filter(({ SecretID }) => SecretID === old.id || SecretID === fresh.id);
}

/** A setting that is not ours is left as it is: someone may have changed it meanwhile. */
function configAt(pace: Pace, found: Found, now: ServiceSpec): UpdateConfig | null {
  const fast = atOnce(found.updateConfig);
  if (pace === 'at-once') return fast;
  const current = now.UpdateConfig ?? null;
  return isSame(current, fast) ? found.updateConfig : current;
}

function atOnce(own: UpdateConfig | null): UpdateConfig {
  return { ...own, Parallelism: 0, Delay: 0, FailureAction: 'continue', MaxFailureRatio: 0, Order: 'stop-first' };
}

/** The engine leaves out what is 0. */
function isSame(a: UpdateConfig | null, b: UpdateConfig | null): boolean {
  if (a === null || b === null) return a === b;
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((key) => (a[key] ?? 0) === (b[key] ?? 0));
}

function specWith(now: ServiceSpec, references: ReturnType<typeof merged>, updateConfig: UpdateConfig | null): ServiceSpec {
  const { UpdateConfig: _, ...rest } = now;
  const { TaskTemplate } = now;
  return {
    ...rest,
    ...(updateConfig === null ? {} : { UpdateConfig: updateConfig }),
    TaskTemplate: { ...TaskTemplate, ContainerSpec: { ...TaskTemplate.ContainerSpec, Secrets: references } },
  };
}
