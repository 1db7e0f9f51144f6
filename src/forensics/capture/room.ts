import { statfs } from 'node:fs/promises';
import type { Engine, EngineInfo } from '../../domain/engine.ts';
import { FailedError } from '../../domain/errors.ts';
import { formatSize } from '../../domain/size.ts';
import { isLocalSocket } from '../../engine/host/address.ts';

/** Of what is free, what one commit may take: the rest of the machine goes on living. */
const share = 0.5;
/** Where nobody can say what is free. */
const mostBytes = 100 * 2 ** 30;

/**
 * Whether the engine has room for a commit. It writes holes out as zeros: a sparse file of a few KiB can fill its disk, and with it every
 * container of the host. @throws FailedError `no_room`.
 */
export async function requireRoom(engine: Engine, id: string, info: EngineInfo, signal: AbortSignal): Promise<void> {
  const bytes = await engine.layerBytes(id, { signal });
  if (bytes === null) return;
  const free = isLocalSocket(engine.host) ? await freeBytes(info.rootDir) : null;
  if (bytes <= (free === null ? mostBytes : free * share)) return;
  const room =
    free === null ? `more than the ${formatSize(mostBytes)} that are risked` : `and ${formatSize(free)} are free under ${info.rootDir}`;
  throw new FailedError(
    'no_room',
    `its writable layer takes ${formatSize(bytes)} once the holes of its files are written out, ${room}: it was not committed`,
    {
      hint: 'what is in it is in the list of changes; copy what matters out of the frozen container with docker cp',
    },
  );
}

/** Whether an image can be saved to a folder: what the engine sends is written out in full. @throws FailedError `no_room`. */
export async function requireRoomFor(bytes: number, folder: string): Promise<void> {
  const free = await freeBytes(folder);
  if (free === null || bytes <= free * share) return;
  throw new FailedError('no_room', `it takes ${formatSize(bytes)}, and ${formatSize(free)} are free under ${folder}: the engine keeps it`);
}

/** Null where the folder cannot be seen: in a container, in a virtual machine. */
async function freeBytes(folder: string): Promise<number | null> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch {
    return null;
  }
}
