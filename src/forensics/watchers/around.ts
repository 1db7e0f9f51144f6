import type { ContainerInspect } from '../../domain/engine/containers.ts';
import type { EngineInfo } from '../../domain/engine.ts';
import { formatSize } from '../../domain/size.ts';
import { labels } from '../../domain/target.ts';
import type { Host } from './host.ts';
import type { Warning } from './warning.ts';

/** Beside the memory, which is written to the evidence and, with a checkpoint, to the engine's disk as well. */
const spareBytes = 1 << 30;

export function ofEngine(info: Pick<EngineInfo, 'liveRestore' | 'swarm'>): Warning[] {
  if (info.liveRestore) return [];
  return [
    {
      what: 'live-restore off',
      detail: 'a restart of the engine thaws every frozen container and ends it, and its own handlers run on the way',
      hint:
        info.swarm === 'active'
          ? 'do not restart the engine while a container is held (live-restore does not go with Swarm)'
          : 'set "live-restore": true in daemon.json and reload the engine (SIGHUP), or do not restart it while a container is held',
    },
  ];
}

/** @param memoryBytes of the container; null when it is not known. */
export async function ofDisk(paths: readonly string[], memoryBytes: number | null, host: Pick<Host, 'freeBytes'>): Promise<Warning[]> {
  const needed = spareBytes + 2 * (memoryBytes ?? 0);
  const found = await Promise.all(paths.map(async (path) => ({ path, free: await host.freeBytes(path) })));
  return found.flatMap(({ path, free }) =>
    free === null || free >= needed
      ? []
      : [
          {
            what: 'low disk',
            detail: `${path} has ${formatSize(free)} free; a capture may need ${formatSize(needed)}, and ends as partial when the disk is full`,
            hint: 'make room first (pitwall evidence prune, docker image prune), or capture less (--memory off)',
          },
        ],
  );
}

/** `docker compose watch` and `up --watch` make containers anew whenever a file changes; only its process on the host tells of it. */
export async function ofComposeWatch(inspect: Pick<ContainerInspect, 'Name' | 'Config'>, host: Pick<Host, 'commands'>): Promise<Warning[]> {
  const project = inspect.Config.Labels?.[labels.composeProject];
  if (project === undefined) return [];
  const watching = (await host.commands()).some(isComposeWatch);
  if (!watching) return [];
  return [
    {
      what: 'compose watch',
      detail: `docker compose watches files on this machine; if it is for the project ${project}, a change makes ${inspect.Name.replace(/^\//, '')} anew, and the old one is removed`,
      hint: 'end docker compose watch, or up --watch, before the freeze',
    },
  ];
}

export function isComposeWatch(argv: readonly string[]): boolean {
  const compose = argv.findIndex((arg) => /(^|\/)(docker-)?compose$/.test(arg));
  if (compose < 0) return false;
  const rest = argv.slice(compose + 1);
  return rest.includes('watch') || (rest.includes('up') && rest.some((arg) => arg === '--watch' || arg === '-w'));
}
