import { instant } from '../domain/clock.ts';
import type { Engine } from '../domain/engine.ts';
import { EngineError } from '../domain/errors.ts';
import { labels } from '../domain/target.ts';
import { evidenceLabel, isOurs, type Labels, missing, noRun } from './own.ts';

export interface Thing {
  readonly type: 'container' | 'network' | 'volume' | 'image';
  readonly id: string;
  /** For people; the id where it has none. */
  readonly name: string;
}

export interface SweepOptions {
  /** The database's id. */
  readonly instance: string;
  /** Other instances' things too (`recover --all-instances`). */
  readonly allInstances: boolean;
  /** UTC ms. */
  readonly now: number;
  /** Asked only for a well-formed run id. A run that the database does not know has ended for an own thing; that is the caller's say. */
  readonly isEnded: (runId: string) => boolean;
}

export interface Swept {
  readonly removed: readonly Thing[];
  /** Everything else that carries a run label of ours, and why it stays. */
  readonly kept: readonly (Thing & { readonly reason: string })[];
  /** What should have gone, and could not be removed. */
  readonly failed: readonly (Thing & { readonly reason: string })[];
}

type Found = Thing & { readonly labels: Labels; remove(): Promise<void> };

/**
 * Removes what Pitwall made for its own use and no longer needs (DESIGN, "Never broken", 5). A label that is not as we write it is
 * somebody else's: such a thing is kept and reported, never guessed at. Throws when the engine is lost.
 */
export async function sweep(engine: Engine, options: SweepOptions): Promise<Swept> {
  const removed: Thing[] = [];
  const kept: (Thing & { reason: string })[] = [];
  const failed: (Thing & { reason: string })[] = [];
  // Containers first, for they hold the others.
  for (const find of [containers, networks, volumes, images]) {
    for (const found of await find(engine)) {
      const { type, id, name } = found;
      const reason = reasonToKeep(found.labels, options);
      if (reason !== null) {
        kept.push({ type, id, name, reason });
        continue;
      }
      const problem = await remove(found);
      if (problem === null) removed.push({ type, id, name });
      else failed.push({ type, id, name, reason: problem });
    }
  }
  return { removed, kept, failed };
}

/** Null when it may go. */
export function reasonToKeep(all: Labels, { instance, allInstances, now, isEnded }: SweepOptions): string | null {
  // what is made from an evidence image cannot shed its label, only empty it
  if ((all[evidenceLabel] ?? '') !== '') return 'it is evidence: `pitwall evidence prune` removes it';
  const lacks = missing(all);
  if (lacks.length > 0) return `it lacks the label ${lacks.join(', ')}, so it is not ours to remove`;
  const { [labels.run]: run = '', [labels.expires]: expires = '' } = all;
  if (!/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/.test(run)) return `its label ${labels.run} is no run id`;
  const expiresAt = Date.parse(expires);
  if (Number.isNaN(expiresAt) || instant(expiresAt) !== expires) return `its label ${labels.expires} is no instant as Pitwall writes it`;
  if (!allInstances && !isOurs(all, instance))
    return 'it is of another instance of Pitwall: `pitwall recover --all-instances` sweeps those too';
  if (now >= expiresAt) return null;
  // whether another instance's run has ended is not in our database
  if (isOurs(all, instance) && run !== noRun && isEnded(run)) return null;
  return `it is in use until ${expires}`;
}

async function remove(found: Found): Promise<string | null> {
  try {
    await found.remove();
    return null;
  } catch (error) {
    if (!(error instanceof EngineError) || error.lost) throw error;
    return error.code === 'not_found' || error.code === 'image_gone' ? null : `it could not be removed: ${error.message}`;
  }
}

const ofAnyRun = { labels: [labels.run] };

async function containers(engine: Engine): Promise<Found[]> {
  const all = await engine.list({ ...ofAnyRun, all: true });
  // Volumes without a name are the helper's own; one that is mounted by its name is left by the engine.
  return all.map(({ id, name, labels }) => ({
    type: 'container',
    id,
    name,
    labels,
    remove: () => engine.remove(id, { force: true, anonymousVolumes: true }),
  }));
}

async function networks(engine: Engine): Promise<Found[]> {
  const all = await engine.networks(ofAnyRun);
  return all.map(({ Id: id, Name: name, Labels }) => ({
    type: 'network',
    id,
    name,
    labels: Labels ?? {},
    remove: () => engine.removeNetwork(id),
  }));
}

async function volumes(engine: Engine): Promise<Found[]> {
  const all = await engine.volumes(ofAnyRun);
  return all.map(({ name, labels }) => ({ type: 'volume', id: name, name, labels, remove: () => engine.removeVolume(name) }));
}

async function images(engine: Engine): Promise<Found[]> {
  const all = await engine.images(ofAnyRun);
  return all.map(({ id, tags, labels }) => ({ type: 'image', id, name: tags[0] ?? id, labels, remove: () => engine.removeImage(id) }));
}
