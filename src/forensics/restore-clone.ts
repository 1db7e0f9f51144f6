import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { extract } from 'tar-stream';
import { evidenceLabel, type Labels } from '../container/own.ts';
import type { Clock } from '../domain/clock.ts';
import type { ContainerInspect, CreateBody } from '../domain/engine/containers.ts';
import type { Engine } from '../domain/engine.ts';
import { EngineError, FailedError } from '../domain/errors.ts';
import { isLocalSocket } from '../engine/host/address.ts';
import { criuReason } from './capture/criu-log.ts';

const checkpoint = 'pitwall-restore';
const MiB = 2 ** 20;
/** ms: right after a checkpoint the engine may still hold its temporary image of one. */
const patienceMs = 15_000;

export interface RestoreOptions {
  /** Of the case. */
  readonly folder: string;
  /** The committed file system. */
  readonly image: string;
  readonly name: string;
  readonly labels: Labels;
  readonly clock: Clock;
}

/**
 * Lets a clone go on from the frozen instant: the committed file system and CRIU's checkpoint in a container of ours, with no network and
 * scratch volumes in the places of the original's. Its id; it is the caller's to remove.
 * @throws FailedError `not_restorable` with the reason.
 */
export async function restoreClone(engine: Engine, options: RestoreOptions): Promise<string> {
  const { folder, clock } = options;
  const archive = join(folder, 'criu.tar');
  if (!existsSync(archive))
    throw notRestorable('no CRIU checkpoint was taken', 'freeze with --memory full on an engine that can checkpoint');
  if (!isLocalSocket(engine.host)) throw notRestorable('the engine is on another host, and a checkpoint cannot be put there from here');
  const { rootDir } = await engine.info();
  const inspect = JSON.parse(await readFile(join(folder, 'files/inspect.json'), 'utf8')) as ContainerInspect;
  const { id } = await engine.create(options.name, bodyOf(inspect, options));
  try {
    await unpack(archive, join(rootDir, 'containers', id, 'checkpoints', checkpoint));
    const until = clock.monotonic() + patienceMs;
    for (;;) {
      try {
        await engine.start(id, { checkpoint });
        return id;
      } catch (error) {
        if (!(error instanceof EngineError) || error.lost) throw error;
        if (!/already exists/.test(error.message) || clock.monotonic() > until) {
          throw notRestorable((await criuReason(engine, error.message)) ?? error.message);
        }
        await clock.sleep(500);
      }
    }
  } catch (error) {
    await engine.remove(id, { force: true, anonymousVolumes: true });
    throw error;
  }
}

function notRestorable(reason: string, hint?: string): FailedError {
  return new FailedError('not_restorable', `it cannot go on from the frozen instant: ${reason}`, { hint });
}

/** CRIU wants the confinement and the mount points that it saw; what reaches the outside is left out. */
function bodyOf(inspect: ContainerInspect, { image, labels }: RestoreOptions): CreateBody {
  const { HostConfig: host, Config: config } = inspect;
  return {
    Image: image,
    Labels: { ...labels, [evidenceLabel]: '' },
    Tty: config.Tty === true,
    OpenStdin: config.OpenStdin === true,
    Healthcheck: { Test: ['NONE'] },
    Volumes: Object.fromEntries(inspect.Mounts.map(({ Destination }) => [Destination, {}])),
    HostConfig: {
      NetworkMode: 'none',
      CapAdd: host.CapAdd,
      CapDrop: host.CapDrop,
      SecurityOpt: host.SecurityOpt,
      ReadonlyRootfs: host.ReadonlyRootfs,
      Tmpfs: host.Tmpfs,
      ShmSize: host.ShmSize,
      Memory: typeof host.Memory === 'number' && host.Memory > 0 ? host.Memory : 2_048 * MiB,
      PidsLimit: 1_024,
      RestartPolicy: { Name: 'no' },
      AutoRemove: false,
    },
  };
}

async function unpack(archive: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const entries = createReadStream(archive, { highWaterMark: 1 << 20 }).pipe(extract());
  for await (const entry of entries) {
    const { name, type } = entry.header;
    // the archive is ours and signed; a name with a folder in it is none of CRIU's
    if (type === 'file' && name === `checkpoint/${basename(name)}`)
      await pipeline(entry, createWriteStream(join(folder, basename(name)), { mode: 0o600 }));
    else entry.resume();
  }
}
