import type { CallOptions, ContainerInspect, ContainerSummary, Engine, FileChange } from '../domain/engine.ts';
import { EngineError } from '../domain/errors.ts';
import type { Call, EngineClient } from './client.ts';
import { filters, segment } from './path.ts';
import { type RawSummary, toSummary } from './summary.ts';

type Containers = Pick<
  Engine,
  'list' | 'inspect' | 'create' | 'start' | 'kill' | 'pause' | 'unpause' | 'rename' | 'setRestartPolicy' | 'remove' | 'wait' | 'changes'
>;

export function containers(client: EngineClient): Containers {
  const post = async (id: string, verb: string, call: Partial<Call> = {}, options?: CallOptions) => {
    await client.call(
      { method: 'POST', path: `/containers/${segment(id)}/${verb}`, action: `${verb} container ${id}`, object: id, ...call },
      options,
    );
  };
  return {
    async list(filter = {}, options) {
      const query = { all: filter.all === true, filters: filters({ label: filter.labels }) };
      const found = await client.json<RawSummary[]>({ method: 'GET', path: '/containers/json', query, action: 'list containers' }, options);
      return found.map(toSummary) satisfies ContainerSummary[];
    },
    inspect: (id, options) =>
      client.json<ContainerInspect>(
        { method: 'GET', path: `/containers/${segment(id)}/json`, action: `inspect container ${id}`, object: id },
        options,
      ),
    async create(name, body, options) {
      const call: Call = {
        method: 'POST',
        path: '/containers/create',
        query: { name },
        body,
        action: `create container ${name} from ${body.Image}`,
        object: name,
        secrets: valuesOf(body.Env),
      };
      const made = await client.json<{ Id: string; Warnings: string[] | null }>(call, options);
      return { id: made.Id, warnings: made.Warnings ?? [] };
    },
    start: (id, options) => post(id, 'start', { accept: [304] }, options),
    kill: (id, signal, options) => post(id, 'kill', { query: { signal }, action: `send ${signal} to container ${id}` }, options),
    pause: (id, options) => post(id, 'pause', {}, options),
    unpause: (id, options) => post(id, 'unpause', {}, options),
    rename: (id, name, options) => post(id, 'rename', { query: { name }, action: `rename container ${id} to ${name}` }, options),
    setRestartPolicy: (id, policy, options) =>
      post(
        id,
        'update',
        { body: { RestartPolicy: policy }, action: `set the restart policy of container ${id} to ${policy.Name}` },
        options,
      ),
    remove: (id, options = {}) => remove(client, id, options),
    async wait(id, options) {
      const call: Call = {
        method: 'POST',
        path: `/containers/${segment(id)}/wait`,
        query: { condition: 'not-running' },
        acts: false,
        action: `wait for container ${id}`,
        object: id,
      };
      const ended = await client.json<{ StatusCode: number; Error?: { Message?: string } | null }>(call, {
        ...options,
        timeoutMs: options?.timeoutMs ?? 60_000,
      });
      if (ended.Error?.Message)
        throw new EngineError('engine_failed', `engine ${client.config.name}: cannot ${call.action}: ${ended.Error.Message}`);
      return ended.StatusCode;
    },
    async changes(id, options) {
      const call: Call = {
        method: 'GET',
        path: `/containers/${segment(id)}/changes`,
        action: `list the changed files of container ${id}`,
        object: id,
      };
      const found = await client.json<{ Path: string; Kind: number }[] | null>(call, options);
      return (found ?? []).map(({ Path, Kind }) => ({ path: Path, kind: kinds[Kind] ?? 'modified' }));
    },
  };
}

const kinds: readonly FileChange['kind'][] = ['modified', 'added', 'deleted'];

async function remove(client: EngineClient, id: string, options: Parameters<Engine['remove']>[1] & object): Promise<void> {
  const call: Call = {
    method: 'DELETE',
    path: `/containers/${segment(id)}`,
    query: { force: options.force === true, v: options.anonymousVolumes === true },
    accept: [404],
    action: `remove container ${id}`,
    object: id,
  };
  try {
    await client.call(call, options);
  } catch (error) {
    if (!(error instanceof EngineError) || error.code !== 'conflict' || !/removal .* in progress/i.test(error.message)) throw error;
    await gone(client, id, options);
  }
}

/** Somebody else is removing it (`--rm`, another client): waits until it is not there, with the limit of a removal. */
async function gone(client: EngineClient, id: string, options: CallOptions): Promise<void> {
  const call: Call = {
    method: 'GET',
    path: `/containers/${segment(id)}/json`,
    accept: [404],
    action: `see that container ${id} is gone`,
    object: id,
  };
  const until = client.clock.monotonic() + (options.timeoutMs ?? 60_000);
  while ((await client.call(call, { signal: options.signal })).status !== 404) {
    if (client.clock.monotonic() > until) {
      throw new EngineError(
        'conflict',
        `engine ${client.config.name}: cannot remove container ${id}: a removal is in progress and does not end`,
        {
          hint: 'look at the engine’s log; a mount that is busy keeps a container from being removed',
          context: { engine: client.config.name, object: id },
        },
      );
    }
    await client.clock.sleep(100, options.signal);
  }
}

/** The values of `NAME=value` lines: an engine that refuses one repeats it. */
export function valuesOf(env: unknown): string[] {
  return Array.isArray(env) ? env.map((line) => String(line).replace(/^[^=]*=/, '')) : [];
}
