import type { CallOptions } from '../../domain/engine/call.ts';
import type { Engine } from '../../domain/engine.ts';
import { bodyStream } from '../body-stream.ts';
import type { Call } from '../call.ts';
import type { EngineClient } from '../client.ts';
import { answerError } from '../failures.ts';
import { segment } from '../path.ts';
import { inspectCall } from './inspect.ts';

type Capturing = Pick<
  Engine,
  'commit' | 'saveImage' | 'imageHistory' | 'readArchive' | 'layerBytes' | 'usage' | 'checkpoint' | 'removeCheckpoint'
>;

/** ms: as long as a large writable layer or memory takes */
const longTimeout = 600_000;

/** What a freeze asks of the engine. https://docs.docker.com/reference/api/engine/ */
export function capturing(client: EngineClient): Capturing {
  const { names } = client;
  const long = (options: CallOptions = {}): CallOptions => ({ ...options, timeoutMs: options.timeoutMs ?? longTimeout });
  return {
    async commit(id, options = {}) {
      const { reference = '', comment, author, changes = [] } = options;
      const [repo, tag] = reference === '' ? [] : partsOf(reference);
      const made = await client.json<{ Id: string }>(
        {
          method: 'POST',
          path: '/commit',
          query: { container: id, repo, tag, comment, author, pause: 0, changes: changes.length === 0 ? undefined : changes.join('\n') },
          patient: true,
          action: `commit container ${names.of(id)}`,
          object: id,
        },
        long(options),
      );
      return made.Id;
    },

    async saveImage(id, options = {}) {
      const call: Call = { method: 'GET', path: `/images/${segment(id)}/get`, action: `save image ${id}`, object: id };
      return bodyStream(client, call, await client.open(call, long(options)), options.signal);
    },

    imageHistory: (id, options) =>
      client.json(
        { method: 'GET', path: `/images/${segment(id)}/history`, action: `list the history of image ${id}`, object: id },
        options,
      ),

    async readArchive(id, path, options = {}) {
      const call: Call = {
        method: 'GET',
        path: `/containers/${segment(id)}/archive`,
        query: { path },
        accept: [404],
        action: `read ${path} of container ${names.of(id)}`,
        object: id,
      };
      const response = await client.open(call, long(options));
      if (response.statusCode !== 404) return bodyStream(client, call, response, options.signal);
      response.destroy();
      // No such path, or no such container?
      await client.call(inspectCall(client, id), { signal: options.signal });
      return null;
    },

    async layerBytes(id, options) {
      const call: Call = {
        method: 'GET',
        path: `/containers/${segment(id)}/json`,
        query: { size: true },
        action: `measure the writable layer of container ${names.of(id)}`,
        object: id,
      };
      return (await client.json<{ readonly SizeRw?: number }>(call, long(options))).SizeRw ?? null;
    },

    async usage(id, options) {
      const read = await client.json<RawStats>(
        {
          method: 'GET',
          path: `/containers/${segment(id)}/stats`,
          query: { stream: false, 'one-shot': true },
          action: `read the usage of container ${names.of(id)}`,
          object: id,
        },
        options,
      );
      return {
        cpuNs: read.cpu_stats?.cpu_usage?.total_usage ?? null,
        memoryBytes: read.memory_stats?.usage ?? null,
        processes: read.pids_stats?.current ?? null,
      };
    },

    async checkpoint(id, name, options) {
      await client.call(
        {
          method: 'POST',
          path: `/containers/${segment(id)}/checkpoints`,
          body: { CheckpointID: name, CheckpointDir: '', Exit: false },
          patient: true,
          action: `checkpoint container ${names.of(id)}`,
          object: id,
        },
        long(options),
      );
    },

    async removeCheckpoint(id, name, options) {
      const call: Call = {
        method: 'DELETE',
        path: `/containers/${segment(id)}/checkpoints/${segment(name)}`,
        accept: [404, 500],
        action: `remove checkpoint ${name} of container ${names.of(id)}`,
        object: id,
      };
      const { status, body } = await client.call(call, options);
      // That there is none is a 500 as well.
      if (status === 500 && !/does not exist/.test(body.toString())) throw answerError(client.attempt(call), status, body.toString());
    },
  };
}

/** A colon before a slash is that of a port. */
function partsOf(reference: string): [string, string?] {
  const colon = reference.lastIndexOf(':');
  return colon > reference.lastIndexOf('/') ? [reference.slice(0, colon), reference.slice(colon + 1)] : [reference];
}

interface RawStats {
  readonly cpu_stats?: { readonly cpu_usage?: { readonly total_usage?: number } };
  readonly memory_stats?: { readonly usage?: number };
  readonly pids_stats?: { readonly current?: number };
}
