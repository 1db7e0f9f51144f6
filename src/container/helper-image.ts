import { config, execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import type { ImageInspect } from '../domain/engine/images.ts';
import type { Engine } from '../domain/engine.ts';
import { EngineError, InvalidError } from '../domain/errors.ts';
import { labels } from '../domain/target.ts';
import { busyboxPlaces, findBusybox } from './busybox.ts';
import { digestOf, type HelperFile, ownFiles, rootFiles } from './helper-files.ts';
import { imageTar } from './image-tar.ts';
import { nodeRuntime } from './node-runtime.ts';
import { type Labels, noRun, ownLabels } from './own.ts';

export interface HelperImage {
  /** What containers are created from. */
  readonly reference: string;
  /** Of what is in it, 64 hexadecimal digits. */
  readonly digest: string;
  /** Without it, what needs a shell or its applets must say that it cannot work. */
  readonly busybox: boolean;
}

export interface HelperImageOptions {
  /** `helper.image`: this one is used as it is, and must be on the engine. */
  readonly override?: string | undefined;
  /** Its `busybox`, if that is there and static, goes into the image when the machine has none. */
  readonly cacheDir: string;
  /** A static busybox to prefer. */
  readonly busybox?: string | undefined;
  /** The database's id: whose image it is when it is made now. */
  readonly instance: string;
  /** UTC ms. */
  readonly now: number;
  readonly log?: ((message: string) => void) | undefined;
  /** Pitwall's compiled files. (Default: those that this module is one of, or `dist` when it runs from source.) */
  readonly build?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export const helperLabel = 'pitwall.helper';
const busyboxLabel = 'pitwall.helper.busybox';

/**
 * The image is shared by all runs and instances on an engine, so its labels name no run, and it is kept for this long. Whoever finds it
 * on its last day makes it again, so that nobody's sweep takes it from a run.
 */
const keptForMs = 30 * 86_400_000;
const renewMs = 86_400_000;

/** The reference of the helper image, which is made of what runs Pitwall when the engine does not have it. Never pulls. */
export async function ensureHelperImage(engine: Engine, options: HelperImageOptions): Promise<HelperImage> {
  const { override, signal, now } = options;
  if (override !== undefined) return given(await find(engine, override, signal), override);
  const { files, busybox } = await contents(options);
  const digest = await digestOf(files, changes);
  const name = `pitwall-helper:${digest.slice(0, 12)}`;
  const there = await find(engine, name, signal);
  if (there?.Config.Labels?.[helperLabel] === digest && lasts(there, now)) return { reference: name, digest, busybox };
  options.log?.(`makes the helper image ${name}${busybox ? '' : ', without busybox: this machine has no static one'}`);
  const own = ownLabels({ runId: noRun, role: 'helper-image', instance: options.instance, expiresAt: now + keptForMs });
  const described = { ...own, [helperLabel]: digest, [busyboxLabel]: busybox ? 'static' : 'none' };
  await engine.importImage(imageTar(files), name, [...changes, ...labelled(described)], { signal, timeoutMs: 300_000 });
  return { reference: name, digest, busybox };
}

/** What is said of the image beside its files; containers state their own command. */
const changes = ['ENV PATH=/pitwall/bin', 'WORKDIR /'];

async function contents({ build, busybox, cacheDir }: HelperImageOptions): Promise<{ files: HelperFile[]; busybox: boolean }> {
  const own = build ?? fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? '../../dist' : '..', import.meta.url));
  const root = fileURLToPath(new URL('../../helper/rootfs', import.meta.url));
  const places = [...(busybox === undefined ? [] : [busybox]), ...busyboxPlaces(cacheDir)];
  const tool = await findBusybox(places);
  const files = [
    ...(await nodeRuntime(execPath, config.target_defaults.defines)),
    ...(await ownFiles(own)),
    ...(await rootFiles(root)),
    ...(tool === null ? [] : [tool]),
  ];
  return { files, busybox: tool !== null };
}

function labelled(described: Labels): string[] {
  return Object.entries(described).map(([name, value]) => `LABEL ${name}="${value}"`);
}

/** Has more than a day until its expiry. */
function lasts(image: ImageInspect, now: number): boolean {
  return Date.parse(image.Config.Labels?.[labels.expires] ?? '') - now > renewMs;
}

function given(image: ImageInspect | null, reference: string): HelperImage {
  if (image === null) {
    throw new InvalidError('helper_image', `helper.image: ${reference} is not on the engine`, {
      hint: `docker pull ${reference}, or leave helper.image out: Pitwall then makes its own`,
    });
  }
  const digest = image.Config.Labels?.[helperLabel];
  if (digest === undefined) {
    throw new InvalidError('helper_image', `helper.image: ${reference} is no helper image of Pitwall: it lacks the label ${helperLabel}`, {
      hint: 'tag one that Pitwall made (`docker images pitwall-helper`) and name that, or leave helper.image out',
    });
  }
  return { reference, digest, busybox: image.Config.Labels?.[busyboxLabel] === 'static' };
}

async function find(engine: Engine, reference: string, signal: AbortSignal | undefined): Promise<ImageInspect | null> {
  try {
    return await engine.inspectImage(reference, { signal });
  } catch (error) {
    if (error instanceof EngineError && (error.code === 'not_found' || error.code === 'image_gone')) return null;
    throw error;
  }
}
