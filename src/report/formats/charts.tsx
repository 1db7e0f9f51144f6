import { z } from 'zod';
import { availabilityChart } from '../../chart/availability-chart.tsx';
import { chartCss } from '../../chart/chart-css.ts';
import { curveChart } from '../../chart/curve-chart.tsx';
import { checkLanes } from '../../chart/lanes.ts';
import { matrixTable } from '../../chart/matrix-table.tsx';
import { curveSchema } from '../../domain/curve.ts';
import type { Matrix } from '../../domain/matrix.ts';
import type { RunRecord } from '../../domain/words.ts';
import type { ReportDeps } from '../deps.ts';
import { readArtifact } from '../read-artifact.ts';
import type { Charts } from './html.tsx';

const matrix: z.ZodType<Matrix> = z.object({
  cells: z.array(
    z.object({
      from: z.string(),
      to: z.string(),
      address: z.string().nullable(),
      port: z.number().nullable(),
      protocol: z.enum(['tcp', 'udp']),
      declared: z.enum(['allow', 'deny']),
      simulated: z.enum(['allow', 'deny']),
      measured: z.enum(['open', 'refused', 'closed', 'unknown']),
      disagreement: z.enum(['deny-but-open', 'allow-but-closed', 'bypass']).nullable(),
    }),
  ),
});

/** What a run's records show as pictures; none for what is no run. */
export function chartsOf(record: RunRecord | null, { store }: Pick<ReportDeps, 'store'>): Charts {
  if (record === null) return { nodes: [], css: '' };
  const ways = readArtifact(record, 'matrix', matrix, store);
  const curve = readArtifact(record, 'curve', curveSchema, store);
  const availability = availabilityOf(record, store);
  const nodes = [
    ...(availability === null ? [] : [availability]),
    ...(ways === null ? [] : [matrixTable(ways)]),
    ...(curve?.plans ?? []).map(curveChart),
  ];
  return { nodes, css: nodes.length === 0 ? '' : chartCss() };
}

function availabilityOf(record: RunRecord, { samples, journal }: ReportDeps['store']) {
  const durationMs = record.durationMs ?? 0;
  const lanes = checkLanes(samples.list(record.id), durationMs);
  if (lanes.length === 0) return null;
  const startedAt = Date.parse(record.startedAt);
  const since = (at: number) => Math.max(0, at - startedAt);
  const phases = journal.ofRun(record.id).map(({ kind, target, openedAt, closedAt }) => ({
    name: `${kind} ${target}`,
    from: since(openedAt),
    to: closedAt === null ? null : since(closedAt),
  }));
  return availabilityChart({ lanes, phases, durationMs });
}
