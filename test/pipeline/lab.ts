import { randomBytes } from 'node:crypto';
import type { ContainerInspect } from '../../src/domain/engine/containers.ts';
import type { Engine } from '../../src/domain/engine.ts';
import { docker } from '../support/containers.ts';

export const runId = '01JD00000000000000000000RF';

/** An instance of its own, so that what a test leaves can be told from all else. */
export function owner() {
  const instance = `pipe-${randomBytes(4).toString('hex')}`;
  const ours = `label=pitwall.instance=${instance}`;
  return {
    options: { runId, instance, now: Date.now(), expiresMs: 600_000 },
    left: async () => [
      await docker('ps', '-aq', '--filter', ours),
      await docker('volume', 'ls', '-q', '--filter', ours),
      await docker('network', 'ls', '-q', '--filter', ours),
    ],
  };
}

const unlike = {
  host: ['Binds', 'Mounts', 'NetworkMode', 'ContainerIDFile'],
  config: ['Hostname', 'Labels', 'Image', 'MacAddress', 'AttachStdin', 'AttachStdout', 'AttachStderr', 'NetworkDisabled', 'Volumes'],
};

/** What a container is allowed and given, in one form for two engines' or two makers' ways to say nothing. */
export function confinement({ Config: config, HostConfig: host, Mounts: mounts }: ContainerInspect): unknown {
  // where a thing is, how it is called and what it is joined to differ between any two containers
  return said({
    config: { ...without(config, unlike.config), Env: [...(config.Env ?? [])].sort() },
    // Compose gives these in the order of a map of its language: any
    host: {
      ...without(host, unlike.host),
      Ulimits: byName(host.Ulimits),
      fixedNetwork: ['none', 'host', 'bridge'].includes(host.NetworkMode) ? host.NetworkMode : null,
    },
    mounts: [...mounts]
      .sort((a, b) => (a.Destination < b.Destination ? -1 : 1))
      .map(({ Type, Source, Destination, RW, Propagation }) =>
        Type === 'bind' ? { Type, Source, Destination, RW, Propagation } : { Type, Destination, RW },
      ),
  });
}

function byName(ulimits: unknown): unknown {
  return ((ulimits ?? []) as readonly { readonly Name: string }[]).toSorted((a, b) => (a.Name < b.Name ? -1 : 1));
}

function without(all: object, keys: readonly string[]): object {
  return Object.fromEntries(Object.entries(all).filter(([key]) => !keys.includes(key)));
}

function said(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map(said);
  if (typeof value !== 'object' || value === null)
    return value === '' || value === 0 || value === false || value === null ? undefined : value;
  const entries = Object.entries(value).flatMap(([key, one]) => {
    const kept = said(one);
    return kept === undefined ? [] : [[key, kept] as const];
  });
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

/** What `docker-compose create` made, by service. */
export async function madeByCompose(engine: Engine, project: string): Promise<Map<string, ContainerInspect>> {
  const ids = (await docker('ps', '-aq', '--no-trunc', '--filter', `label=com.docker.compose.project=${project}`))
    .split('\n')
    .filter(Boolean);
  const all = await Promise.all(ids.map((id) => engine.inspect(id)));
  return new Map(all.map((one) => [one.Config.Labels?.['com.docker.compose.service'] ?? '', one]));
}
