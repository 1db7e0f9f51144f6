import { archiveEntries, contentOf } from '../../container/clone/archive.ts';
import { withScratch } from '../../container/clone/scratch.ts';
import { ownLabels } from '../../container/own.ts';
import type { Target } from '../../domain/target.ts';
import type { Context } from './context.ts';
import { type FoundKey, keysIn } from './key-shapes.ts';
import { withVolume } from './stolen.ts';

export interface Searched {
  readonly found: readonly (FoundKey & { readonly place: string })[];
  /** What was not searched, a sentence each. */
  readonly left: readonly string[];
  /** Files that were read. */
  readonly files: number;
}

/** Larger files are no keys, and what embeds one does not do so by accident. */
const mostFileBytes = 1024 * 1024;
const mostChanged = 200;
const readMs = 600_000;
const expiresMs = 3_600_000;

/** Looks for private keys, and for what has the fingerprint, in a target's environment, image, image's history, own layer and volumes; all of it only read. */
export async function searchForKeys(target: Target, context: Context): Promise<Searched> {
  const { engine, signal, params, runId, instance, clock } = context;
  const fingerprint = params.key?.fingerprint ?? null;
  const found: (FoundKey & { place: string })[] = [];
  let left: string[] = [];
  let files = 0;
  let large = 0;
  const look = (place: string, bytes: Buffer) => found.push(...keysIn(bytes, fingerprint).map((one) => ({ ...one, place })));
  const walk = async (tar: NodeJS.ReadableStream | null, nameOf: (path: string) => string) => {
    if (tar === null) return;
    for await (const { header, content } of archiveEntries(tar)) {
      signal.throwIfAborted();
      if (content === null || (header.size ?? 0) === 0) continue;
      const bytes = (header.size ?? 0) > mostFileBytes ? null : await contentOf(content, mostFileBytes);
      if (bytes === null) large++;
      else {
        files++;
        look(nameOf(header.name), bytes);
      }
    }
  };

  for (const variable of target.inspect.Config.Env ?? []) {
    const [name = ''] = variable.split('=', 1);
    look(`the environment (${name})`, Buffer.from(variable.slice(name.length + 1)));
  }
  for (const layer of await engine.imageHistory(target.inspect.Image, { signal }))
    look('the image’s history', Buffer.from(typeof layer.CreatedBy === 'string' ? layer.CreatedBy : ''));
  const labels = ownLabels({ runId, instance, role: 'scratch', expiresAt: clock.now() + expiresMs });
  await withScratch(engine, { image: target.inspect.Image, labels }, async (id) =>
    walk(await engine.readArchive(id, '/', { signal, timeoutMs: readMs }), (path) => `the image (/${path.replace(/^\.?\//, '')})`),
  );
  const mounted = target.inspect.Mounts.map(({ Destination }) => Destination);
  const changed = (await engine.changes(target.id, { signal })).filter(
    ({ path, kind }) => kind !== 'deleted' && !mounted.some((at) => path === at || path.startsWith(`${at}/`)),
  );
  if (changed.length > mostChanged) left = [...left, `${changed.length - mostChanged} more paths that changed in it`];
  for (const { path } of changed.slice(0, mostChanged)) {
    const stat = await engine.statPath(target.id, path, { signal });
    if (stat?.isFile === true) await walk(await engine.readArchive(target.id, path, { signal }), () => `its own layer (${path})`);
  }
  for (const { Type, Name, Destination } of target.inspect.Mounts) {
    if (Type !== 'volume' || Name === undefined) left = [...left, `what is mounted at ${Destination}`];
    else
      await withVolume(Name, true, context, async (id) =>
        walk(
          await engine.readArchive(id, '/stolen', { signal, timeoutMs: readMs }),
          (path) => `volume ${Name} (${path.replace(/^stolen/, '')})`,
        ),
      );
  }
  if (large > 0) left = [...left, `${large} files of more than 1 MiB`];
  if (fingerprint === null) left = [...left, 'symmetric keys, which only params.key.fingerprint tells'];
  return { found, left: [...left, 'memory'], files };
}
