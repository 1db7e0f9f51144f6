import type { RunRecord } from '../domain/words.ts';
import type { ReportDeps } from './deps.ts';
import type { Charts } from './html.tsx';

/** What a run's records show as pictures. */
export function chartsOf(_record: RunRecord | null, _deps: ReportDeps): Charts {
  return { nodes: [], css: '' };
}
