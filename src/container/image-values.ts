import type { ContainerInspect } from '../domain/engine/containers.ts';
import type { ImageInspect } from '../domain/engine/images.ts';

type Json = Readonly<Record<string, unknown>>;

/**
 * A container's settings without what merely came from its image, so that another image's can take their place. The engine merges the
 * image's settings into the container's when it is created and keeps no record of which were whose; what equals the image's counts as
 * the image's. Follows the engine's own rules of merging (moby `daemon/commit.go`, `merge`).
 */
export function withoutImageValues(inspect: ContainerInspect, image: ImageInspect): Json {
  const config = inspect.Config;
  const from = image.Config;
  const entrypoint = same(config.Entrypoint, from.Entrypoint);
  const command = entrypoint && same(config.Cmd, from.Cmd);
  return {
    ...config,
    Env: (config.Env ?? []).filter((entry) => !(from.Env ?? []).includes(entry)),
    Labels: without(config.Labels, from.Labels),
    Volumes: without(config.Volumes, from.Volumes),
    ExposedPorts: { ...without(asRecord(config.ExposedPorts), asRecord(from.ExposedPorts)), ...published(inspect) },
    Entrypoint: entrypoint ? undefined : config.Entrypoint,
    Cmd: command ? undefined : config.Cmd,
    ...Object.fromEntries(
      ['User', 'WorkingDir', 'StopSignal', 'Shell'].filter((key) => same(config[key], from[key])).map((key) => [key, undefined]),
    ),
    Healthcheck: healthcheckWithout(asRecord(config.Healthcheck), asRecord(from.Healthcheck)),
  };
}

/** A port is only published while it is exposed, whoever exposed it first. */
function published(inspect: ContainerInspect): Json {
  return Object.fromEntries(Object.keys(inspect.HostConfig.PortBindings ?? {}).map((port) => [port, {}]));
}

/** The parts that differ: the engine fills each part that is missing from the image. */
function healthcheckWithout(own: Json | null, image: Json | null): Json | undefined {
  if (own === null) return undefined;
  if (image === null) return own;
  const rest = Object.entries(own).filter(([key, value]) => !same(value, image[key]));
  return rest.length === 0 ? undefined : Object.fromEntries(rest);
}

function without(own: Json | null | undefined, image: Json | null | undefined): Json {
  return Object.fromEntries(Object.entries(own ?? {}).filter(([key, value]) => !(image && key in image && same(value, image[key]))));
}

/** Missing, null and empty are one to the engine. */
function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(emptyToNull(a)) === JSON.stringify(emptyToNull(b));
}

function emptyToNull(value: unknown): unknown {
  if (value === undefined || value === '') return null;
  if (Array.isArray(value) && value.length === 0) return null;
  return value;
}

function asRecord(value: unknown): Json | null {
  return typeof value === 'object' && value !== null ? (value as Json) : null;
}
