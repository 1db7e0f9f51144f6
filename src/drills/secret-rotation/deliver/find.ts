import { inspectIfThere } from '../../../container/look.ts';
import { plainName } from '../../../container/names.ts';
import type { ContainerInspect } from '../../../domain/engine/containers.ts';
import { FailedError } from '../../../domain/errors.ts';
import type { DeliveryData } from './data.ts';
import type { DeliveryScope } from './hands.ts';

/** The container of a delivery, or what runs under its name since. Throws `FailedError` `target_gone`, `target_unfit`. */
export async function findContainer(
  { container: { id, name } }: Pick<DeliveryData, 'container'>,
  { engine }: Pick<DeliveryScope, 'engine'>,
): Promise<{ readonly container: ContainerInspect; readonly isNew: boolean }> {
  const first = await inspectIfThere(engine, id);
  if (first?.State.Running) return { container: first, isNew: false };
  const second = await inspectIfThere(engine, name);
  if (second !== null && plainName(second.Name) === name && second.State.Running) return { container: second, isNew: second.Id !== id };
  if (first === null && second === null) throw new FailedError('target_gone', `${name} was removed by somebody`);
  throw new FailedError('target_unfit', `${name} does not run`);
}
