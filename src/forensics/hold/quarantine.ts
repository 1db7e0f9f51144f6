import { isFixed } from '../../container/networks.ts';
import type { ContainerInspect } from '../../domain/engine/containers.ts';
import { FailedError } from '../../domain/errors.ts';
import { attach } from './attach.ts';
import { detach } from './detach.ts';
import { frozen } from './frozen.ts';
import { dataOf, type Held, type HoldContext, type HoldIo } from './io.ts';
import { asJson, keep, keptOf } from './kept.ts';
import { connectedTo, networkingOf } from './networking.ts';

/**
 * Cuts a frozen container off from every network, read back; how it was connected is recorded first, with the hold and in the journal.
 * Its connections are cut: the others wait in vain. Returns sentences for the reader.
 * Throws `FailedError`: `not_frozen`, `gone`, `not_detachable`, or `not_detached`; it is frozen and held then, connected as before.
 */
export async function quarantine(held: Held, io: HoldIo): Promise<string[]> {
  const { engine, store, journal, proc } = io;
  const inspect = await frozen(engine, held);
  const reason = notDetachable(inspect);
  if (reason !== null) throw new FailedError('not_detachable', `${held.containerName} ${reason}; it stays frozen`);
  const networking = networkingOf(inspect, proc);
  const kept = keptOf(store, held.evidenceId).networking;
  if (kept !== null && (await isCutOff(inspect, held, io))) return ['it was cut off from its networks before'];
  const change = journal.open({
    kind: 'quarantine',
    target: held.containerName,
    data: { ...dataOf(held), networking: asJson(networking) },
  });
  keep(store, held.evidenceId, { networking });
  change.step('detach');
  try {
    await detach(held, io);
  } catch (error) {
    if (error instanceof FailedError) {
      await attach(held, networking, io);
      keep(store, held.evidenceId, { networking: null });
      change.close('undone', error.message);
    }
    throw error;
  }
  store.holds.update(held.evidenceId, { state: 'quarantined' });
  change.close('done', 'frozen, and connected to nothing');
  const names = Object.keys(networking.networks);
  return names.length === 0 ? ['it had no network to be cut off from'] : [];
}

/** Why a container's networks cannot be taken away, as the end of a sentence. */
export function notDetachable({ HostConfig }: ContainerInspect): string | null {
  const { NetworkMode } = HostConfig;
  if (NetworkMode === 'host') return 'uses the network of the host, which cannot be taken away from it';
  if (NetworkMode.startsWith('container:'))
    return `uses the network of another container (${NetworkMode.slice(10, 22)}): that one would be cut off too`;
  return null;
}

/**
 * Connects a quarantined one again, still frozen. Throws `FailedError` when it would not be as before; it is cut off then, as it was, and
 * what was recorded is kept. Returns what could not be the same for sure, in sentences.
 */
export async function unquarantine(held: Held, context: HoldContext): Promise<string[]> {
  const { store } = context;
  const { networking } = keptOf(store, held.evidenceId);
  if (networking === null) return [];
  let notes: string[];
  try {
    notes = await attach(held, networking, context);
  } catch (error) {
    if (error instanceof FailedError && error.code !== 'gone' && error.code !== 'not_frozen') await detach(held, context);
    throw error;
  }
  keep(store, held.evidenceId, { networking: null });
  store.holds.update(held.evidenceId, { state: 'held' });
  return notes;
}

/** Cut off by us: what was recorded has not been put back. */
export async function isCutOff(
  inspect: ContainerInspect,
  held: Held,
  { engine, store }: Pick<HoldContext, 'engine' | 'store'>,
): Promise<boolean> {
  const { networking } = keptOf(store, held.evidenceId);
  if (networking === null || isFixed(inspect.HostConfig.NetworkMode)) return false;
  return (await connectedTo(engine, inspect)).length === 0;
}
