import { createHash } from 'node:crypto';
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EngineError } from '../../domain/errors.ts';
import type { TlsFiles } from './address.ts';

export interface ContextEndpoint {
  readonly name: string;
  readonly host: string;
  readonly tls?: TlsFiles | undefined;
}

/**
 * Where Docker's own client would connect: the context named by DOCKER_CONTEXT, or by `currentContext` in its config.json. Null when
 * there is none, or it is `default`. The files: https://docs.docker.com/engine/manage-resources/contexts/.
 */
export async function dockerContext(env: NodeJS.ProcessEnv, home: string): Promise<ContextEndpoint | null> {
  const folder = env.DOCKER_CONFIG || join(home, '.docker');
  const name = env.DOCKER_CONTEXT || (await currentContext(join(folder, 'config.json')));
  if (name === null || name === 'default') return null;
  const digest = createHash('sha256').update(name).digest('hex');
  const meta = join(folder, 'contexts', 'meta', digest, 'meta.json');
  const host = hostOf(await readMeta(name, meta));
  if (host === null) throw unusable(name, `${meta} names no Docker host`);
  const tls = await tlsFiles(join(folder, 'contexts', 'tls', digest, 'docker'));
  return { name, host, ...(tls === null ? {} : { tls }) };
}

async function currentContext(path: string): Promise<string | null> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch {
    // No configuration, or none that we may read: Docker's client then uses its default too.
    return null;
  }
  try {
    const name = member(JSON.parse(text), 'currentContext');
    return typeof name === 'string' && name !== '' ? name : null;
  } catch (cause) {
    throw new EngineError('engine_refused', `${path} is not JSON, so the current Docker context is not known`, {
      hint: 'set DOCKER_HOST, or mend the file',
      cause,
    });
  }
}

async function readMeta(name: string, path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    throw unusable(name, `cannot read ${path}`, cause);
  }
}

function hostOf(meta: unknown): string | null {
  const host = member(member(member(meta, 'Endpoints'), 'docker'), 'Host');
  return typeof host === 'string' && host !== '' ? host : null;
}

/** Those of the three files that are there; null when none is. */
export async function tlsFiles(folder: string): Promise<TlsFiles | null> {
  const found = await Promise.all(
    (['ca', 'cert', 'key'] as const).map(async (name) => [name, await existing(join(folder, `${name}.pem`))] as const),
  );
  const given = found.filter(([, path]) => path !== null);
  return given.length === 0 ? null : Object.fromEntries(given);
}

async function existing(path: string): Promise<string | null> {
  return access(path).then(
    () => path,
    () => null,
  );
}

function member(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}

function unusable(name: string, why: string, cause?: unknown): EngineError {
  return new EngineError('engine_unreachable', `the current Docker context "${name}" cannot be used: ${why}`, {
    hint: 'choose another with `docker context use`, or set DOCKER_HOST',
    cause,
    context: { source: `context ${name}` },
  });
}
