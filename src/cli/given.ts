import { basename, resolve } from 'node:path';
import { readComposeFile } from '../config/compose/compose-file.ts';
import type { ComposeService } from '../config/compose/service.ts';
import { makeSubjects, type SubjectSpec } from '../container/subject/subject.ts';
import type { Drill } from '../domain/drill.ts';
import type { Engine } from '../domain/engine.ts';
import { EngineError, InvalidError } from '../domain/errors.ts';
import { type Given, refuseGiven } from '../runner/run/given.ts';
import type { App } from './app.ts';

export interface GivenFlags {
  readonly image?: string;
  readonly compose?: string;
  readonly replay?: string;
}

/** What stands in for running containers: `--image` or `--compose`. */
export interface GivenTargets extends Given {
  /** The Compose file, absolute, and where each service is in it; null for an image. */
  readonly compose: { readonly path: string; readonly lines: Readonly<Record<string, number>> } | null;
  /** @throws InvalidError when an image is not on the engine; EngineError. */
  check(engine: Engine): Promise<void>;
}

/**
 * Undefined with neither flag. Everything that can be wrong with what was given is found before the first run begins.
 *
 * @throws InvalidError
 */
export function givenTargets(flags: GivenFlags, drills: readonly Drill[], app: App): GivenTargets | undefined {
  const { image, compose } = flags;
  if (image === undefined && compose === undefined) return undefined;
  if (image !== undefined && compose !== undefined) throw new InvalidError('usage', '--image and --compose exclude each other');
  if (flags.replay !== undefined)
    throw new InvalidError('usage', '--replay picks targets that run: it does not go with --image or --compose');
  for (const drill of drills) refuseGiven(drill, app);
  return image === undefined ? fromCompose(compose as string, app) : fromImage(image);
}

function fromCompose(file: string, app: App): GivenTargets {
  const { project, services, notes } = readComposeFile(file, { cwd: app.cwd, environment: app.env });
  return {
    from: file,
    notes,
    compose: { path: resolve(app.cwd, file), lines: Object.fromEntries(services.map(({ name, line }) => [name, line])) },
    async check(engine) {
      for (const service of services)
        await present(
          engine,
          service.image,
          `image ${service.image} of service ${service.name} (${file}:${service.line})`,
          howToGet(service, file),
        );
    },
    make: (engine, options) => makeSubjects(engine, services, { ...options, project }),
  };
}

function howToGet({ name, image, built }: ComposeService, file: string): string {
  return built ? `docker compose -f ${file} build ${name}` : `docker pull ${image}, or docker compose -f ${file} build ${name}`;
}

function fromImage(image: string): GivenTargets {
  if (image.trim() === '') throw new InvalidError('usage', '--image needs the name of an image');
  const spec: SubjectSpec = {
    // as people call it: `shop`, of registry/team/shop:1@sha256:…
    name:
      basename(image.replace(/@.*$/, ''))
        .replace(/:.*$/, '')
        .replace(/[^\w.-]/g, '') || 'image',
    body: { Image: image },
    labels: {},
    modes: { network: 'none', pid: null, ipc: null },
    networks: [],
    binds: [],
    volumes: [],
  };
  return {
    from: `image ${image}`,
    notes: ['an image says nothing of how it will be run: it is tested as `docker run` starts it without any option, on no network'],
    compose: null,
    check: (engine) => present(engine, image, `image ${image}`, `docker pull ${image}, or docker build -t ${image} .`),
    make: (engine, options) => makeSubjects(engine, [spec], { ...options, project: null }),
  };
}

/** Nothing is pulled unasked: what is tested must be what its owner has built. */
async function present(engine: Engine, image: string, what: string, hint: string): Promise<void> {
  try {
    await engine.inspectImage(image);
  } catch (error) {
    if (!(error instanceof EngineError) || error.lost || (error.code !== 'not_found' && error.code !== 'image_gone')) throw error;
    throw new InvalidError('image_missing', `${what} is not on ${engine.name}, and Pitwall pulls nothing`, { hint });
  }
}
