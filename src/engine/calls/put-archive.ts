import { Readable } from 'node:stream';
import type { Engine } from '../../domain/engine.ts';
import type { EngineClient } from '../client.ts';
import { segment } from '../path.ts';

/** https://docs.docker.com/reference/api/engine/, "Extract an archive of files or folders to a directory in a container". */
export function archiveUpload(client: EngineClient): Pick<Engine, 'putArchive'> {
  return {
    async putArchive(id, path, tar, options) {
      await client.call(
        {
          method: 'PUT',
          path: `/containers/${segment(id)}/archive`,
          query: { path, noOverwriteDirNonDir: true },
          upload: tar instanceof Uint8Array ? Readable.from([tar], { objectMode: false }) : tar,
          action: `put files into ${path} of container ${client.names.of(id)}`,
          object: id,
        },
        options,
      );
    },
  };
}
