import { readFile } from 'node:fs/promises';
import type { Engine } from '../../domain/engine.ts';
import { isLocalSocket } from '../../engine/host/address.ts';

/**
 * Why CRIU could not: the errors of its own log, whose path the engine's answer ends with. The engine itself only says that it failed.
 * Null when the log cannot be seen from here.
 */
export async function criuReason(engine: Pick<Engine, 'host'>, message: string): Promise<string | null> {
  const path = /(\/\S+criu-dump\.log)/.exec(message)?.[1];
  if (path === undefined || !isLocalSocket(engine.host)) return null;
  try {
    return parseCriuLog(await readFile(path, 'utf8'));
  } catch {
    return null;
  }
}

/** The first two errors of a dump log, without time stamps: `(00.012345) Error (criu/sk-inet.c:188): inet: Connected TCP socket, …`. */
export function parseCriuLog(text: string): string | null {
  const errors = text
    .split('\n')
    .map((line) => /^\([\d.]+\)\s+(?:\d+:\s+)?Error \([^)]*\):\s*(.*)$/.exec(line)?.[1])
    .filter((error) => error !== undefined);
  return errors.length === 0 ? null : errors.slice(0, 2).join('; ');
}
