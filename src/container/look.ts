import type { ContainerInspect } from '../domain/engine/containers.ts';
import type { Engine } from '../domain/engine.ts';
import { EngineError } from '../domain/errors.ts';
import { plainName } from './names.ts';
import type { Member } from './recreate/change.ts';

/** What there is of one container that is being made again. */
export interface Sight {
  readonly member: Member;
  readonly old: ContainerInspect | null;
  readonly fresh: ContainerInspect | null;
  /** Somebody else's container that has the name by now. */
  readonly stranger: ContainerInspect | null;
}

type Eyes = Pick<Engine, 'inspect'>;

export async function look(engine: Eyes, member: Member): Promise<Sight> {
  const old = await inspectIfThere(engine, member.id);
  // created, but killed before the id was written down: only the name tells
  const named = member.newId === null ? await inspectIfThere(engine, member.fresh) : null;
  const fresh = member.newId === null ? (named?.Id === member.id ? null : named) : await inspectIfThere(engine, member.newId);
  const holder = await inspectIfThere(engine, member.name);
  const ours = holder === null || holder.Id === old?.Id || holder.Id === fresh?.Id || plainName(holder.Name) !== member.name;
  return { member, old, fresh, stranger: ours ? null : holder };
}

/** Null when it does not exist, or is on its way out. */
export async function inspectIfThere(engine: Eyes, reference: string): Promise<ContainerInspect | null> {
  try {
    const inspect = await engine.inspect(reference);
    return inspect.State.Dead || inspect.State.Status === 'removing' ? null : inspect;
  } catch (error) {
    if (error instanceof EngineError && error.code === 'not_found') return null;
    throw error;
  }
}
