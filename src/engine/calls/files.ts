import type { CallOptions } from '../../domain/engine/call.ts';
import type { PathStat } from '../../domain/engine/files.ts';
import type { Engine } from '../../domain/engine.ts';
import { EngineError } from '../../domain/errors.ts';
import type { Call } from '../call.ts';
import type { EngineClient } from '../client.ts';
import { segment } from '../path.ts';
import { inspectCall } from './inspect.ts';

export function files(client: EngineClient): Pick<Engine, 'statPath'> {
  return {
    async statPath(id, path, options) {
      const call: Call = {
        method: 'HEAD',
        path: `/containers/${segment(id)}/archive`,
        query: { path },
        accept: [404],
        action: `look at ${path} in container ${client.names.of(id)}`,
        object: id,
      };
      const { status, headers } = await client.call(call, options);
      if (status === 404) return absent(client, id, options);
      const header = headers['x-docker-container-path-stat'];
      if (typeof header !== 'string') {
        throw new EngineError('engine_failed', `engine ${client.config.name}: cannot ${call.action}: the answer says nothing of the path`);
      }
      return toStat(JSON.parse(Buffer.from(header, 'base64').toString()));
    },
  };
}

/** An answer to HEAD has no body, so only asking again tells a path that is missing from a container that is. */
async function absent(client: EngineClient, id: string, options?: CallOptions): Promise<null> {
  await client.call(inspectCall(client, id), options);
  return null;
}

export function toStat(raw: { name: string; size: number; mode: number; mtime: string }): PathStat {
  return {
    name: raw.name,
    size: raw.size,
    mode: (raw.mode & 0o777) | (has(raw.mode, 23) ? 0o4000 : 0) | (has(raw.mode, 22) ? 0o2000 : 0) | (has(raw.mode, 20) ? 0o1000 : 0),
    isDirectory: has(raw.mode, 31),
    isLink: has(raw.mode, 27),
    isFile: !typeBits.some((bit) => has(raw.mode, bit)),
    isSocket: has(raw.mode, 24),
    modifiedAt: raw.mtime,
  };
}

/** Folder, link, device, pipe, socket, character device, and what Go has no name for. */
const typeBits = [31, 27, 26, 25, 24, 21, 19];

/** Bits of Go's `fs.FileMode`: https://pkg.go.dev/io/fs#FileMode. */
function has(mode: number, bit: number): boolean {
  return Math.floor(mode / 2 ** bit) % 2 === 1;
}
