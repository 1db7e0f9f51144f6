import type { CallOptions } from '../../domain/engine/call.ts';
import type { ContainerInspect } from '../../domain/engine/containers.ts';
import type { FileChange } from '../../domain/engine/files.ts';
import type { Engine } from '../../domain/engine.ts';
import { EngineError } from '../../domain/errors.ts';
import type { Call } from '../call.ts';
import type { EngineClient } from '../client.ts';
import { filters, segment } from '../path.ts';
import { secretsOf } from './env.ts';
import { inspectCall } from './inspect.ts';
import { removal } from './remove.ts';
import { type RawSummary, toSummary } from './summary.ts';

type Containers = Pick<
  Engine,
  | 'list'
  | 'inspect'
  | 'create'
  | 'start'
  | 'kill'
  | 'pause'
  | 'unpause'
  | 'resize'
  | 'rename'
  | 'setRestartPolicy'
  | 'remove'
  | 'wait'
  | 'changes'
>;

export function containers(client: EngineClient): Containers {
  const { names } = client;
  const post = async (id: string, verb: string, call: Partial<Call> = {}, options?: CallOptions) => {
    const action = `${verb} container ${names.of(id)}`;
    await client.call({ method: 'POST', path: `/containers/${segment(id)}/${verb}`, action, object: id, ...call }, options);
  };
  return {
    ...removal(client),

    async list(filter = {}, options) {
      const query = { all: filter.all === true, filters: filters({ label: filter.labels }) };
      const found = await client.json<RawSummary[]>({ method: 'GET', path: '/containers/json', query, action: 'list containers' }, options);
      const summaries = found.map(toSummary);
      for (const { id, name } of summaries) names.learn(id, name);
      return summaries;
    },

    async inspect(id, options) {
      const found = await client.json<ContainerInspect>(inspectCall(client, id), options);
      names.learn(found.Id, found.Name);
      return found;
    },

    async create(name, body, options) {
      const action = `create container ${name} from ${body.Image}`;
      const call = {
        method: 'POST',
        path: '/containers/create',
        query: { name },
        body,
        action,
        object: name,
        secrets: secretsOf(body.Env),
      } as const;
      const made = await client.json<{ Id: string; Warnings: string[] | null }>(call, options);
      names.learn(made.Id, name);
      return { id: made.Id, warnings: made.Warnings ?? [] };
    },

    start: (id, options = {}) => post(id, 'start', { accept: [304], query: { checkpoint: options.checkpoint } }, options),
    kill: (id, signal, options) => post(id, 'kill', { query: { signal }, action: `send ${signal} to container ${names.of(id)}` }, options),
    pause: (id, options) => post(id, 'pause', {}, options),
    unpause: (id, options) => post(id, 'unpause', {}, options),
    resize: (id, columns, rows, options) => post(id, 'resize', { query: { w: columns, h: rows } }, options),

    async rename(id, name, options) {
      await post(id, 'rename', { query: { name }, action: `rename container ${names.of(id)} to ${name}` }, options);
      names.learn(id, name);
    },

    setRestartPolicy: (id, policy, options) => {
      const action = `set the restart policy of container ${names.of(id)} to ${policy.Name}`;
      return post(id, 'update', { body: { RestartPolicy: policy }, action }, options);
    },

    async wait(id, options = {}) {
      const path = `/containers/${segment(id)}/wait`;
      const action = `wait for the end of container ${names.of(id)}`;
      const call = { method: 'POST', path, query: { condition: 'not-running' }, acts: false, patient: true, action, object: id } as const;
      const ended = await client.json<Ended>(call, { signal: options.signal, timeoutMs: options.timeoutMs ?? waitTimeout });
      if (ended.Error?.Message)
        throw new EngineError('engine_failed', `engine ${client.config.name}: cannot ${action}: ${ended.Error.Message}`);
      return ended.StatusCode;
    },

    async changes(id, options) {
      const action = `list the changed files of container ${names.of(id)}`;
      const call = { method: 'GET', path: `/containers/${segment(id)}/changes`, action, object: id } as const;
      const found = await client.json<{ Path: string; Kind: number }[] | null>(call, options);
      return (found ?? []).map(({ Path, Kind }) => ({ path: Path, kind: kinds[Kind] ?? 'modified' }));
    },
  };
}

interface Ended {
  readonly StatusCode: number;
  readonly Error?: { readonly Message?: string } | null;
}

/** ms */
const waitTimeout = 60_000;

/** By the engine's numbers. */
const kinds: readonly FileChange['kind'][] = ['modified', 'added', 'deleted'];
