/** What a report is made from. */
import type { Scorecard } from '../scorecard/scorecard.ts';
import type { Store } from '../store/store.ts';

export interface ReportDeps {
  readonly store: Pick<Store, 'proofs' | 'daily' | 'scorecards'> & {
    readonly runs: Pick<Store['runs'], 'record' | 'list' | 'artifact'>;
    readonly events: Pick<Store['events'], 'list'>;
    readonly journal: Pick<Store['journal'], 'ofRun'>;
    readonly samples: Pick<Store['samples'], 'list'>;
  };
  /** As of an instant, UTC ms. */
  scorecard(at: number): Scorecard;
  /** The kinds of drill that this version has, by name, with a sentence on what each does. */
  readonly kinds: ReadonlyMap<string, { readonly summary: string }>;
  /** Ids of all probes that this version has. */
  readonly probes: readonly string[];
  /** Pitwall's own. */
  readonly version: string;
}
