import { posix } from 'node:path';
import { plainName } from '../../../container/names.ts';
import { unfitState } from '../../../container/obstacle.ts';
import type { ContainerInspect } from '../../../domain/engine/containers.ts';
import { EngineError } from '../../../domain/errors.ts';
import { labels } from '../../../domain/target.ts';
import type { Answers } from './agent-lines.ts';
import { type DeliveryData, type FileData, filesOf, markOf } from './data.ts';
import { HandError } from './hand-error.ts';
import { type DeliveryScope, type Hands, isLost, processOf, spotOf, withHands } from './hands.ts';
import { neighbours } from './neighbours.ts';
import { placeOf, seenAt } from './place.ts';
import { type Deliver, type Tell, tellOf } from './schema.ts';

/** What a delivery to one container would be. */
export interface Delivery {
  readonly data: DeliveryData;
  /** Other running containers of the engine that see the file of the value, and where. */
  readonly others: readonly { readonly name: string; readonly path: string }[];
  /** Why the container will never see a new value, a sentence with the remedy; null when it will. */
  readonly never: string | null;
  /** Sentences for the reader of the plan. */
  readonly notes: readonly string[];
}

/** It cannot be done at all. `why`: a sentence that names container and path. */
export interface NoDelivery {
  readonly cannot: string;
}

/**
 * Looks where the files lie and what stands against it, and changes nothing. `mayBeMissing`: a file that is not there yet is made. `role` tells deliveries
 * to one container apart. Throws `EngineError`.
 */
export async function lookAtDelivery(
  target: ContainerInspect,
  deliver: Deliver,
  scope: DeliveryScope,
  options: { readonly mayBeMissing?: boolean; readonly role?: string } = {},
): Promise<Delivery | NoDelivery> {
  const name = plainName(target.Name);
  const unfit = unfitState(target);
  if (unfit !== null) return { cannot: `${name} ${unfit}` };
  const tell = tellOf(deliver);
  const mark = markOf(scope.runId, name, options.role ?? '');
  const { all, unseen } = await neighbours(target, scope);
  return withHands(scope, async (hands) => {
    const secret = await fileAt(target, deliver.file, all, { ...options, hands, mark, unseen });
    if ('cannot' in secret) return secret;
    const user = deliver.userFile === undefined ? null : await fileAt(target, deliver.userFile, all, { ...options, hands, mark, unseen });
    if (user !== null && 'cannot' in user) return user;
    const data: DeliveryData = {
      container: { id: target.Id, name },
      mark,
      secret,
      user,
      format: deliver.format,
      tell,
    };
    return {
      data,
      others: othersThatSee(secret, all).map(({ container, path }) => ({ name: plainName(container.Name), path })),
      never: filesOf(data).flatMap((file) => neverSeen(name, file, tell) ?? [])[0] ?? null,
      notes: [
        ...filesOf(data).flatMap((file) => noteOn(name, file) ?? []),
        ...unseen.map((other) => `the engine does not say what ${other} has mounted, so nobody knows whether it has the same file`),
      ],
    };
  });
}

/** Those of `all` that have the same file mounted. */
export function othersThatSee(
  { source, inside }: FileData,
  all: readonly ContainerInspect[],
): { readonly container: ContainerInspect; readonly path: string; readonly single: boolean }[] {
  if (source === null) return [];
  return all.flatMap((container) => seenAt(container, source, inside).map((seen) => ({ container, ...seen })));
}

interface Looking {
  readonly hands: Hands;
  readonly mark: string;
  readonly mayBeMissing?: boolean;
  /** Containers that may have the file mounted, for all that the engine says. */
  readonly unseen: readonly string[];
}

async function fileAt(
  target: ContainerInspect,
  path: string,
  all: readonly ContainerInspect[],
  looking: Looking,
): Promise<FileData | NoDelivery> {
  const name = plainName(target.Name);
  const mounted = placeOf(target, path);
  try {
    if (mounted === null) return await fileInside(target, path, looking);
    const { place, source, mountedAt, inside, shown } = mounted;
    const denied = tooMuch(source);
    if (denied !== null) return { cannot: `${name}: ${path} is ${shown} of the engine’s host, and ${denied}` };
    const seat = looking.hands.onSource(source);
    const seen = await seat.ask({ do: 'look', ...spotOf(seat, mounted, looking.mark) });
    const file = { path, place, source, mountedAt, inside, before: null, like: null, tighten: place === 'folder' };
    const found = judged(name, file, seen, looking);
    if ('cannot' in found) return found;
    return { ...found, tighten: found.tighten && looking.unseen.length === 0 && !othersThatSee(found, all).some(({ single }) => single) };
  } catch (error) {
    if (isLost(error)) throw error;
    if (error instanceof HandError) return { cannot: `${name}: ${path} ${inWords(error.reason, mounted?.shown)}` };
    if (mounted !== null && error instanceof EngineError)
      return { cannot: `${name}: ${path} lies in ${mounted.shown}, which no helper could mount (${error.code}): is it still there?` };
    throw error;
  }
}

/** In none of the mounts that the engine lists: only from inside is it seen. */
async function fileInside(target: ContainerInspect, path: string, looking: Looking): Promise<FileData | NoDelivery> {
  const name = plainName(target.Name);
  const seat = looking.hands.inside(target);
  const under = await seat.ask({ do: 'mounted', process: processOf(target), path });
  const isTask = labels.swarmTask in (target.Config.Labels ?? {});
  if (under.point !== '/' && isTask && under.readOnly)
    return { cannot: `${name}: ${path} is a Swarm secret or configuration, which never changes (use system: swarm-secret)` };
  if (under.point !== '/' && under.type !== 'tmpfs')
    return { cannot: `${name}: ${path} is on ${under.type} at ${under.point}, which is nothing that a file is delivered to` };
  if (under.readOnly) return { cannot: `${name}: ${path} is on a read-only file system (${under.type} at ${under.point})` };
  const inside = { mountedAt: '/', inside: path.slice(1) };
  const seen = await seat.ask({ do: 'look', ...spotOf(seat, inside, looking.mark) });
  const place = under.type === 'tmpfs' ? ('tmpfs' as const) : ('own-layer' as const);
  return judged(name, { path, place, source: null, ...inside, before: null, like: null, tighten: true }, seen, looking);
}

function judged(name: string, file: FileData, seen: Answers['look'], { mayBeMissing = false }: Looking): FileData | NoDelivery {
  if (seen.others.length > 0)
    return {
      cannot: `${name}: another rotation of ${file.path} is under way, or was left half done (${seen.others.join(', ')} beside it): run pitwall recover, or remove what is left`,
    };
  if (seen.file === null) {
    if (mayBeMissing && seen.folder) return file;
    return { cannot: `${name} has no ${file.path}${seen.folder ? '' : ', and no folder for it'}` };
  }
  if (!seen.file.plain) return { cannot: `${name}: ${file.path} is no plain file` };
  const { mode, uid, gid } = seen.file;
  return { ...file, before: { mode, uid, gid } };
}

function tooMuch(source: FileData['source']): string | null {
  if (source?.type !== 'bind') return null;
  if (source.path === '/') return 'no helper is given all of its files: keep the file in a folder of its own';
  return /^\/(proc|sys|dev)(\/|$)/.test(source.path) ? 'no file of secrets' : null;
}

function neverSeen(name: string, { path, place, source, inside }: FileData, tell: Tell): string | null {
  if (place === 'single-file' && tell.how !== 'restart' && tell.how !== 'recreate') {
    const folder = source?.type === 'bind' ? source.path : 'its folder';
    return `${name}: ${path} is a single-file mount (of ${posix.join(folder, inside)}): the container keeps the file that was there when it started, so a new one never reaches it; mount a folder, or deliver with restart: true`;
  }
  if (place === 'own-layer' && tell.how === 'recreate')
    return `${name}: ${path} lies in its own layer, which is thrown away when it is made again; mount a folder, or deliver with restart: true`;
  if (place === 'tmpfs' && (tell.how === 'restart' || tell.how === 'recreate'))
    return `${name}: ${path} lies in a tmpfs, which is empty after a restart; deliver with a signal or a hook`;
  return null;
}

function noteOn(name: string, { path, place }: FileData): string | null {
  switch (place) {
    case 'folder':
      return null;
    case 'single-file':
      return `${path} of ${name} is a single-file mount: it is replaced on the engine’s host, and seen from the next start on`;
    case 'tmpfs':
      return `${path} of ${name} lies in memory: it is written from inside, and gone with the next restart`;
    case 'own-layer':
      return `${path} of ${name} lies in its own layer: it is written from inside, and gone when it is made again`;
  }
}

function inWords(reason: string, shown: string | undefined): string {
  if (reason === 'LEAVES') return `is a link that leads out of ${shown ?? 'what is mounted'}: name the file that it leads to`;
  return `cannot be looked at (${reason})`;
}
