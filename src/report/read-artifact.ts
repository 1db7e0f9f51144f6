import type { z } from 'zod';
import type { RunRecord } from '../domain/words.ts';
import type { ReportDeps } from './deps.ts';

/** A record of a run; null for one that it has not, or that a run of another version wrote otherwise. */
export function readArtifact<T>(
  record: Pick<RunRecord, 'id' | 'artifacts'>,
  name: string,
  schema: z.ZodType<T>,
  { runs }: Pick<ReportDeps['store'], 'runs'>,
): T | null {
  if (!record.artifacts.some((artifact) => artifact.name === name)) return null;
  const content = runs.artifact(record.id, name)?.content;
  try {
    return content === undefined ? null : (schema.safeParse(JSON.parse(content.toString('utf8'))).data ?? null);
  } catch {
    return null;
  }
}
