/** What a report is made from. */
import type { ScorecardItem } from '../scorecard/items.ts';
import type { Scorecard } from '../scorecard/scorecard.ts';
import type { Store } from '../store/store.ts';

export interface ReportDeps {
  readonly store: Pick<Store, 'proofs' | 'daily' | 'scorecards'> & {
    readonly runs: Pick<Store['runs'], 'record' | 'list' | 'withResidue' | 'artifact'>;
    readonly events: Pick<Store['events'], 'list'>;
    readonly journal: Pick<Store['journal'], 'ofRun' | 'residueChanges'>;
    readonly samples: Pick<Store['samples'], 'list'>;
  };
  /** As of an instant, UTC ms, with what it was computed from. */
  scorecard(at: number): { readonly card: Scorecard; readonly items: readonly ScorecardItem[] };
  /** The kinds of drill that this version has, by name, with a sentence on what each does. */
  readonly kinds: ReadonlyMap<string, { readonly summary: string }>;
  /** Ids of all probes that this version has. */
  readonly probes: readonly string[];
  /** Pitwall's own. */
  readonly version: string;
}
