import { pack } from 'tar-stream';
import type { Engine } from '../../domain/engine.ts';
import { InconclusiveError } from '../../domain/errors.ts';
import { busyboxPath } from '../busybox.ts';
import type { Labels } from '../own.ts';
import { archiveEntries, contentOf } from './archive.ts';
import { withScratch } from './scratch.ts';

type Hands = Pick<Engine, 'create' | 'remove' | 'readArchive' | 'putArchive'>;

/** No static busybox comes near it. */
const mostBytes = 64 * 1024 * 1024;
/** Where the volume is while it is filled. */
const folder = '/tools';

/**
 * The helper image's static busybox, read through a container that is never started; `volume`, which exists and is empty, gets it and whatever
 * `also` makes of it. Throws `InconclusiveError` `no_busybox` when the image has none.
 */
export async function readTools(
  engine: Hands,
  options: {
    readonly helperImage: string;
    readonly labels: Labels;
    readonly volume?: { readonly name: string; also(busybox: Buffer): readonly ToolFile[] } | undefined;
  },
): Promise<Buffer> {
  const { helperImage, labels, volume } = options;
  const mount = volume === undefined ? undefined : { volume: volume.name, path: folder };
  return withScratch(engine, { image: helperImage, labels, mount }, async (id) => {
    const busybox = await readBusybox(engine, id);
    if (volume !== undefined) await putFiles(engine, id, folder, [{ path: 'busybox', content: busybox }, ...volume.also(busybox)]);
    return busybox;
  });
}

/** A program: root's, for everybody to run. */
export interface ToolFile {
  /** Below the folder; its own folders are made. */
  readonly path: string;
  readonly content: Buffer;
  /** (Default: 0755.) */
  readonly mode?: number | undefined;
}

export async function putFiles(engine: Pick<Engine, 'putArchive'>, id: string, into: string, files: readonly ToolFile[]): Promise<void> {
  const tar = pack();
  for (const { path, content, mode = 0o755 } of files) {
    const above = path.split('/').slice(0, -1).join('/');
    if (above !== '') tar.entry({ name: `${above}/`, type: 'directory', mode: 0o755 });
    tar.entry({ name: path, mode }, content);
  }
  tar.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of tar as AsyncIterable<Uint8Array>) chunks.push(chunk);
  await engine.putArchive(id, into, Buffer.concat(chunks));
}

async function readBusybox(engine: Pick<Engine, 'readArchive'>, id: string): Promise<Buffer> {
  const tar = await engine.readArchive(id, busyboxPath);
  if (tar !== null) {
    for await (const { content } of archiveEntries(tar)) {
      const bytes = content === null ? null : await contentOf(content, mostBytes);
      if (bytes !== null) return bytes;
      break;
    }
  }
  throw new InconclusiveError('no_busybox', 'nothing can be planted: the helper image has no static busybox', {
    hint: 'install busybox-static, or the like, where Pitwall runs: the helper image is then made again with it',
  });
}
