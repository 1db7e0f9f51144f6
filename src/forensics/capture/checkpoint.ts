import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Engine, EngineInfo } from '../../domain/engine.ts';
import { EngineError, FailedError } from '../../domain/errors.ts';
import { isLocalSocket } from '../../engine/host/address.ts';
import type { CheckpointMeta } from '../case/checkpoint/meta.ts';
import { checkpointFiles } from '../case/checkpoint/meta.ts';
import { openCheckpointTar } from '../case/checkpoint/tar.ts';
import { isSystemError } from '../case/ledger.ts';
import { criuReason } from './criu-log.ts';

/** A checkpoint that the engine has taken, where its files can be read. */
export interface Taken {
  readonly name: string;
  readonly folder: string;
  readonly bytes: number;
}

/** Why the engine cannot take one, or its files could not be had; null when it is worth trying. */
export function whyNoCheckpoint(engine: Pick<Engine, 'host'>, info: EngineInfo): string | null {
  if (!info.experimental) return 'the engine is not experimental, so it takes no checkpoints';
  if (info.rootless) return 'a rootless engine cannot checkpoint';
  if (!isLocalSocket(engine.host)) return 'the engine is on another host, and its files cannot be read from here';
  return null;
}

/** Has CRIU write the frozen processes to the engine's folder. @throws FailedError `checkpoint_failed` with CRIU's own reason. */
export async function takeCheckpoint(engine: Engine, id: string, info: EngineInfo, signal: AbortSignal): Promise<Taken> {
  const name = `pitwall-${randomBytes(4).toString('hex')}`;
  try {
    await engine.checkpoint(id, name, { signal });
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    const reason = (await criuReason(engine, error.message)) ?? error.message;
    throw new FailedError('checkpoint_failed', `CRIU could not: ${reason}`, { cause: error });
  }
  const folder = join(info.rootDir, 'containers', id, 'checkpoints', name);
  const sizes = await Promise.all((await readdir(folder)).map(async (file) => (await stat(join(folder, file))).size));
  return { name, folder, bytes: sizes.reduce((sum, size) => sum + size, 0) };
}

/**
 * Copies a checkpoint into the case, as an archive that checkpointctl reads; half a copy is taken away again.
 * @throws FailedError `checkpoint_unkept` with what the system says.
 */
export async function keepCheckpoint(
  taken: Taken,
  file: string,
  meta: CheckpointMeta,
): Promise<{ readonly bytes: number; readonly sha256: string }> {
  const tar = await openCheckpointTar(file, null);
  try {
    for (const name of (await readdir(taken.folder)).sort()) {
      const source = join(taken.folder, name);
      const info = await stat(source);
      if (!info.isFile()) continue;
      const entry = await tar.entry(`checkpoint/${name}`, info.size);
      for await (const chunk of createReadStream(source, { highWaterMark: 1 << 20 })) await entry.write(chunk as Buffer);
      await entry.close();
    }
    for (const [path, content] of checkpointFiles(meta)) {
      const entry = await tar.entry(path, content.length);
      await entry.write(content);
      await entry.close();
    }
    return await tar.end();
  } catch (error) {
    await tar.abandon();
    await rm(file, { force: true });
    if (!isSystemError(error)) throw error;
    throw new FailedError('checkpoint_unkept', `${(error as Error).message}; it stays in ${taken.folder}`, { cause: error });
  }
}
