/** What a report is made from. */
import type { Scorecard } from '../scorecard/scorecard.ts';
import type { Store } from '../store/store.ts';

export interface ReportDeps {
  readonly store: Pick<Store, 'proofs' | 'daily' | 'scorecards'> & {
    readonly runs: Pick<Store['runs'], 'record' | 'list' | 'artifact'>;
    readonly events: Pick<Store['events'], 'list'>;
  };
  /** Of now; null where it cannot be computed. */
  scorecard(): Scorecard | null;
  /** The kinds of drill that this version has, by name, with a sentence on what each does. */
  readonly kinds: ReadonlyMap<string, { readonly summary: string }>;
  /** Pitwall's own. */
  readonly version: string;
}
