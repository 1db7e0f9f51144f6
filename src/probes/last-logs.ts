import type { Engine } from '../domain/engine.ts';
import { EngineError } from '../domain/errors.ts';

const lastLines = 500;
const mostLogBytes = 256 * 1024;
const logTimeoutMs = 5_000;

/** Null where the log's driver lets nobody read it, or it is too slow. */
export async function lastLogs(engine: Pick<Engine, 'logs'>, id: string, signal: AbortSignal): Promise<string | null> {
  const late = AbortSignal.timeout(logTimeoutMs);
  const lines: string[] = [];
  let bytes = 0;
  try {
    for await (const { line } of engine.logs(id, { tail: lastLines, signal: AbortSignal.any([signal, late]) })) {
      lines.push(line);
      bytes += line.length;
      if (bytes > mostLogBytes) break;
    }
  } catch (error) {
    signal.throwIfAborted();
    if (late.aborted || (error instanceof EngineError && !error.lost)) return null;
    throw error;
  }
  return late.aborted ? null : lines.join('\n');
}
