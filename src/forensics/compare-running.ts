import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ownLabels } from '../container/own.ts';
import type { Clock } from '../domain/clock.ts';
import type { ContainerInspect } from '../domain/engine/containers.ts';
import type { FileChange } from '../domain/engine/files.ts';
import type { Engine } from '../domain/engine.ts';
import type { CaseWriter } from './case/writer.ts';
import { compareWithImage } from './compare-executables.ts';
import { isOrdinary } from './ordinary.ts';
import type { ExecutableRecord } from './records.ts';

/** ms: the container that the image is read through is gone long before; a sweep takes one that a crash leaves. */
const expiresMs = 3_600_000;

export interface CompareIo {
  readonly engine: Engine;
  readonly writer: CaseWriter;
  readonly clock: Clock;
  readonly runId: string;
  readonly instance: string;
}

/** Writes down what runs that is not the image's, as `files/executables-image.json`. A sentence when it could not be found out; null when it was. */
export async function compareRunning(
  inspect: ContainerInspect,
  changes: readonly FileChange[] | null,
  io: CompareIo,
): Promise<string | null> {
  const { engine, writer, clock, runId, instance } = io;
  if (changes === null || !writer.written.has('files/executables.json')) return null;
  try {
    const { executables } = JSON.parse(await readFile(join(writer.folder, 'files/executables.json'), 'utf8')) as {
      executables: ExecutableRecord[];
    };
    const labels = ownLabels({ runId, role: 'compare', instance, expiresAt: clock.now() + expiresMs });
    await writer.json('files/executables-image.json', {
      executables: await compareWithImage(engine, inspect, executables, changes, { labels }),
    });
    return null;
  } catch (error) {
    if (!isOrdinary(error)) throw error;
    return `what runs was not compared with the image: ${error.message}`;
  }
}
