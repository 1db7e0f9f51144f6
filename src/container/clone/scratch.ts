import { randomBytes } from 'node:crypto';
import type { Engine } from '../../domain/engine.ts';
import type { Labels } from '../own.ts';

export interface ScratchOptions {
  readonly image: string;
  /** All four of ours. */
  readonly labels: Labels;
  /** A volume to write to. */
  readonly mount?: { readonly volume: string; readonly path: string } | undefined;
}

/** A container that is never started: only a way to an image's files, and to a volume's. Removed when `work` has ended, whatever came of it. */
export async function withScratch<T>(
  engine: Pick<Engine, 'create' | 'remove'>,
  { image, labels, mount }: ScratchOptions,
  work: (id: string) => Promise<T>,
): Promise<T> {
  const mounts = mount === undefined ? [] : [{ Type: 'volume', Source: mount.volume, Target: mount.path }];
  const { id } = await engine.create(`pitwall-scratch-${randomBytes(4).toString('hex')}`, {
    Image: image,
    // an image without a command cannot even be made a container of
    Entrypoint: ['/never-started'],
    Cmd: [],
    Labels: labels,
    HostConfig: { NetworkMode: 'none', Mounts: mounts, RestartPolicy: { Name: 'no' }, AutoRemove: false },
  });
  try {
    return await work(id);
  } finally {
    await engine.remove(id, { force: true, anonymousVolumes: true });
  }
}
