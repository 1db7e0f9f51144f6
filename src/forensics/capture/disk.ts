import { evidenceLabel } from '../../container/own.ts';
import type { ContainerInspect } from '../../domain/engine/containers.ts';
import type { FileChange } from '../../domain/engine/files.ts';
import type { Engine } from '../../domain/engine.ts';
import type { Json } from '../../domain/journal.ts';
import { labels } from '../../domain/target.ts';

/**
 * Commits the writable layer; the image's id. The container is frozen by us: the engine's own pause is not asked for, as it goes on when
 * that fails. What a drill or Compose would take the image for is emptied, as labels cannot be taken off, and it is marked as evidence.
 */
export function captureDisk(engine: Engine, inspect: ContainerInspect, evidenceId: string, signal: AbortSignal): Promise<string> {
  const inherited = Object.keys(inspect.Config.Labels ?? {}).filter(
    (key) => (key === labels.optIn || key.startsWith('com.docker.compose.')) && !unsayable.test(key),
  );
  const all = { ...Object.fromEntries(inherited.map((key) => [key, ''])), [evidenceLabel]: evidenceId };
  return engine.commit(inspect.Id, {
    signal,
    comment: `Pitwall evidence ${evidenceId}`,
    changes: Object.entries(all).map(([key, value]) => `LABEL ${quoted(key)}=${quoted(value)}`),
  });
}

/** A Dockerfile cannot name them, and trying would fail the commit; neither Compose nor a drill has such names. */
const unsayable = /[=\p{Cc}]/u;

/** For a Dockerfile line: an image's labels may have anything in their names, and one that is read as a variable fails the commit. */
function quoted(text: string): string {
  return JSON.stringify(text).replaceAll('$', '\\$');
}

export function changesJson(changes: readonly FileChange[]): Json {
  return { changes: changes.map(({ path, kind }) => ({ path, kind })) };
}
