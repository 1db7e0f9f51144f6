/** Artifacts of runs for pages: what cannot be read is none, as a page must open for a run of an older Pitwall too. */
import { type Curve, curveSchema } from '../../domain/curve.ts';
import type { Matrix } from '../../domain/matrix.ts';
import type { ServerDeps } from '../deps.ts';

type Runs = { readonly runs: Pick<ServerDeps['store']['runs'], 'artifact'> };

export function readCurve(store: Runs, runId: string): Curve | null {
  return curveSchema.safeParse(contentOf(store, runId, 'curve')).data ?? null;
}

export function readMatrix(store: Runs, runId: string): Matrix | null {
  const content = contentOf(store, runId, 'matrix') as Matrix | null;
  return Array.isArray(content?.cells) ? content : null;
}

function contentOf({ runs }: Runs, runId: string, name: string): unknown {
  const artifact = runs.artifact(runId, name);
  if (artifact === null) return null;
  try {
    return JSON.parse(artifact.content.toString('utf8'));
  } catch {
    return null;
  }
}
