import type { Clock } from '../../domain/clock.ts';
import type { ContainerInspect } from '../../domain/engine/containers.ts';
import type { Engine } from '../../domain/engine.ts';
import { EngineError, FailedError } from '../../domain/errors.ts';
import type { Target } from '../../domain/target.ts';
import { stopMs } from '../grace.ts';
import { healthStatus } from '../healthy.ts';
import { type Images, imagesOf } from '../images-of.ts';
import { plainName, temporaryNames } from '../names.ts';
import { cannotRecreate } from '../obstacle.ts';
import { means, volumeSources } from '../references.ts';
import { policyName } from '../restart-policy.ts';
import type { Member } from './change.ts';

/** One container of a unit, looked at again right before it is touched. */
export interface Prepared {
  readonly target: Target;
  readonly before: ContainerInspect;
  readonly images: Images;
  /** The containers that it takes volumes from. */
  readonly sources: readonly ContainerInspect[];
  readonly member: Member;
}

interface PrepareIo {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  all(): Promise<readonly ContainerInspect[]>;
}

/** The check before the first touch: what the plan saw may be minutes old. Throws `FailedError`; nothing has been changed. */
export async function prepare(
  unit: readonly Target[],
  options: { readonly runId: string; readonly image: 'pinned' | 'current'; readonly graceSeconds: number | null },
  io: PrepareIo,
): Promise<Prepared[]> {
  const inspects = await Promise.all(unit.map((target) => inspectTarget(target, io)));
  const all = await io.all();
  const together = new Set(unit.map((target) => target.id));
  return Promise.all(
    unit.map(async (target, index) => {
      const before = inspects[index] as ContainerInspect;
      const obstacle = cannotRecreate(before, all, together);
      if (obstacle !== null) throw new FailedError('target_unfit', `${target.name} ${obstacle}; nothing was changed`);
      const images = await imagesOf(io.engine, before, options.image, { signal: io.signal });
      if (typeof images === 'string') throw new FailedError('image_gone', `${target.name} ${images}; nothing was changed`);
      const sources = all.filter((one) => volumeSources(before).some((source) => means(source, one)));
      return { target, before, images, sources, member: memberOf(target, before, options) };
    }),
  );
}

async function inspectTarget(target: Target, io: PrepareIo): Promise<ContainerInspect> {
  try {
    return await io.engine.inspect(target.id, { signal: io.signal });
  } catch (error) {
    if (!(error instanceof EngineError) || error.code !== 'not_found') throw error;
    throw new FailedError('target_gone', `${target.name} was removed by somebody during the run; nothing was changed`, { cause: error });
  }
}

function memberOf(
  target: Target,
  before: ContainerInspect,
  options: { readonly runId: string; readonly graceSeconds: number | null },
): Member {
  const name = plainName(before.Name);
  const { MaximumRetryCount } = before.HostConfig.RestartPolicy;
  return {
    id: target.id,
    name,
    ...temporaryNames(options.runId, target.id, name),
    newId: null,
    policy: { Name: policyName(before), MaximumRetryCount: MaximumRetryCount ?? 0 },
    wasHealthy: healthStatus(before) === 'healthy',
    stopMs: stopMs(before, options.graceSeconds),
    graceSeconds: options.graceSeconds,
  };
}
