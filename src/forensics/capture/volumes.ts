import type { ContainerInspect } from '../../domain/engine/containers.ts';
import type { Engine } from '../../domain/engine.ts';
import { formatSize } from '../../domain/size.ts';
import type { CaseWriter } from '../case/writer.ts';
import { sizeLimits } from './limits.ts';
import type { StepWork } from './step.ts';

type Result = Awaited<ReturnType<StepWork>>;

/**
 * Named and anonymous volumes and bind mounts as tar archives, one after another: while the engine reads one it locks the container.
 * Other containers may write to a volume meanwhile; that this one is frozen does not stop them.
 */
export async function captureVolumes(engine: Engine, inspect: ContainerInspect, writer: CaseWriter, signal: AbortSignal): Promise<Result> {
  const mounts = inspect.Mounts.filter(({ Type }) => Type === 'volume' || Type === 'bind');
  if (mounts.length === 0) return { state: 'absent', reason: 'it has no volumes', share: 1, bytes: 0 };
  const kept: { path: string; destination: string; type: string; name: string | null; source: string; bytes: number; cut: boolean }[] = [];
  const problems: string[] = [];
  for (const [i, mount] of mounts.entries()) {
    const path = `files/volumes/${i}.tar`;
    try {
      const archive = await engine.readArchive(inspect.Id, mount.Destination, { signal });
      if (archive === null) throw new Error('the engine does not find it');
      const { bytes, cut } = await writer.stream(path, archive as AsyncIterable<Buffer>, { maxBytes: sizeLimits.volume });
      kept.push({ path, destination: mount.Destination, type: mount.Type, name: mount.Name ?? null, source: mount.Source, bytes, cut });
      if (cut) problems.push(`${mount.Destination} is larger than ${formatSize(sizeLimits.volume)} and was cut`);
    } catch (error) {
      if (signal.aborted) throw error;
      problems.push(`${mount.Destination}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  await writer.json('files/volumes.json', { volumes: kept });
  const bytes = kept.reduce((sum, one) => sum + one.bytes, 0);
  if (problems.length === 0) return { state: 'captured', reason: null, share: 1, bytes };
  return { state: 'partial', reason: problems.join('; '), share: kept.filter(({ cut }) => !cut).length / mounts.length, bytes };
}
