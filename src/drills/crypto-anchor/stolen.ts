import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import type { CloneMount } from '../../container/clone/spec.ts';
import { ownLabels } from '../../container/own.ts';
import { formatAmount } from '../../domain/amount.ts';
import { InconclusiveError } from '../../domain/errors.ts';
import type { Target } from '../../domain/target.ts';
import type { Context } from './context.ts';

/** Copies of a target's volumes, ours, each to be mounted where the original is. */
export interface Haul {
  readonly mounts: readonly CloneMount[];
  /** Of the archives that they came in. */
  readonly bytes: number;
  remove(): Promise<void>;
}

export interface Wanted {
  /** The volume that is copied. */
  readonly from: string;
  /** Where the copy is mounted. */
  readonly path: string;
}

const expiresMs = 3_600_000;
/** A large volume over a slow line. */
const copyMs = 1_800_000;
const folder = '/stolen';

/**
 * Copies volumes through containers that are never started, in which the originals are mounted read-only: nobody stops for it, so it is what a thief
 * would get. Whatever goes wrong, nothing of it is left. @throws InconclusiveError `too_large`.
 */
export async function steal(wanted: readonly Wanted[], context: Context): Promise<Haul> {
  const { engine, runId, instance, clock, params } = context;
  const labels = ownLabels({ runId, instance, role: 'stolen', expiresAt: clock.now() + expiresMs });
  const stem = `pitwall-stolen-${randomBytes(4).toString('hex')}`;
  const made: string[] = [];
  const remove = async () => {
    for (const volume of made) await engine.removeVolume(volume);
  };
  const mounts: CloneMount[] = [];
  let bytes = 0;
  try {
    for (const [index, { from, path }] of wanted.entries()) {
      const volume = `${stem}-${index}`;
      made.push(volume);
      await engine.createVolume(volume, labels);
      bytes += await copy(from, volume, params.steal?.maxSize ?? 0, context);
      mounts.push({ volume, path, readOnly: false });
    }
    return { mounts, bytes, remove };
  } catch (error) {
    // the first error is the one to tell; what cannot be removed now is the sweep's
    await remove().catch(() => undefined);
    throw error;
  }
}

async function copy(from: string, to: string, mostBytes: number, context: Context): Promise<number> {
  const { engine, signal } = context;
  return withVolume(from, true, context, (source) =>
    withVolume(to, false, context, async (into) => {
      const tar = await engine.readArchive(source, folder, { signal, timeoutMs: copyMs });
      if (tar === null) throw new InconclusiveError('no_volume', `volume ${from} could not be read`);
      let bytes = 0;
      async function* counted(chunks: AsyncIterable<Uint8Array>) {
        for await (const chunk of chunks) {
          bytes += chunk.length;
          if (bytes > mostBytes)
            throw new InconclusiveError('too_large', `volume ${from} holds more than ${formatAmount(mostBytes, 'bytes')}`, {
              hint: 'raise params.steal.maxSize, if there is room for a copy',
            });
          yield chunk;
        }
      }
      let failure: unknown = null;
      const stream = Readable.from(counted(tar as unknown as AsyncIterable<Uint8Array>), { objectMode: false });
      stream.on('error', (error) => {
        failure = error;
      });
      try {
        // named as the folder is, so that its owner and mode come along
        await engine.putArchive(into, '/', stream, { signal, timeoutMs: copyMs });
      } catch (error) {
        // what broke the upload off is what there is to tell
        throw failure ?? error;
      } finally {
        (tar as NodeJS.ReadableStream & { destroy?(): void }).destroy?.();
      }
      return bytes;
    }),
  );
}

/** A container that is never started and has the volume. */
export async function withVolume<T>(volume: string, readOnly: boolean, context: Context, work: (id: string) => Promise<T>): Promise<T> {
  const { engine, runId, instance, clock } = context;
  const { id } = await engine.create(`pitwall-carrier-${randomBytes(4).toString('hex')}`, {
    Image: (await context.helperImage()).reference,
    Entrypoint: ['/never-started'],
    Cmd: [],
    Labels: ownLabels({ runId, instance, role: 'scratch', expiresAt: clock.now() + expiresMs }),
    HostConfig: {
      NetworkMode: 'none',
      Mounts: [{ Type: 'volume', Source: volume, Target: folder, ReadOnly: readOnly, VolumeOptions: { NoCopy: true } }],
      RestartPolicy: { Name: 'no' },
      AutoRemove: false,
    },
  });
  try {
    return await work(id);
  } finally {
    await engine.remove(id, { force: true, anonymousVolumes: true });
  }
}

/** Of the volumes that are named those that the target has, with their places. */
export function placesOf({ inspect }: Pick<Target, 'inspect'>, names: readonly string[]): Map<string, string> {
  return new Map(
    names.flatMap((name) => {
      const mount = inspect.Mounts.find(({ Type, Name }) => Type === 'volume' && Name === name);
      return mount === undefined ? [] : [[name, mount.Destination]];
    }),
  );
}
