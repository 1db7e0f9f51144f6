import type { Proof } from '../../domain/proof.ts';
import { rubric } from '../../scorecard/rubric.ts';
import type { Scorecard } from '../../scorecard/scorecard.ts';
import { methods } from '../advice/methods.ts';
import type { ReportDeps } from '../deps.ts';
import { compare } from '../order.ts';
import type { Practised, Report, ReportScope } from '../schema.ts';
import { named, utc } from '../wording.ts';

interface Told {
  readonly proofs: readonly Proof[];
  readonly practised: readonly Practised[];
  readonly scorecard: Scorecard;
  readonly service: string | null;
}

/** What a reader could take for tested, and is not. */
export function untestedIn({ proofs, practised, scorecard, service }: Told, { kinds }: ReportDeps): Report['notTested'] {
  const done = new Set(practised.map(({ kind }) => kind));
  const last = new Map<string, number>();
  for (const { kind, at } of proofs) last.set(kind, Math.max(last.get(kind) ?? 0, at));
  const never = [...kinds]
    .filter(([kind]) => !done.has(kind))
    .sort(([a], [b]) => compare(a, b))
    .map(([kind, { summary }]) => {
      const at = last.get(kind);
      const when = at === undefined ? 'never practised' : `not practised in these days; last on ${utc(new Date(at).toISOString())}`;
      return {
        what: `Drills of the kind ${kind}`,
        why: `${service === null || at !== undefined ? when : `never practised on ${service}`}. ${summary}`,
      };
    });
  const lacking = scorecard.lacking.map((kind) => ({
    what: `Drills of the kind ${kind}`,
    why: 'this version of Pitwall lacks them',
  }));
  return [...never, ...lacking, ...(service === null ? areasWithout(scorecard) : [])];
}

/** Measures that were practised, but not on every service. */
function areasWithout({ services, areas }: Scorecard): Report['notTested'] {
  return areas.flatMap(({ area, lastPractised }) => {
    if (lastPractised === null) return [];
    const without = services.filter((one) => !one.areas.some((own) => own.area === area)).map((one) => one.service);
    if (without.length === 0) return [];
    return [{ what: `The measure ${area}`, why: `never practised on ${named(without.toSorted(compare), 20)}` }];
  });
}

/** How the report came to know what it says. */
export function periodMethod(
  scope: Exclude<ReportScope, { type: 'run' }>,
  at: number,
  { scorecard, version }: { readonly scorecard: Scorecard; readonly version: string },
): Report['method'] {
  return [
    {
      what: 'What holds',
      how: `Each question is answered by the newest run that asked it, as of ${utc(new Date(at).toISOString())}. What was found broken stays broken until the same probe holds on the same containers, or, when those are gone, on others of the same service; being asked in vain mends nothing. What is not known counts as not proven. What held proves less with every day once it is older than its drill’s cadence, and nothing after ${rubric.expiresAfter} cadences.`,
    },
    {
      what: 'Grade',
      how: `Computed by the rubric ${scorecard.rubric} from these answers alone; the rubric, with a worked example, is docs/rubric.md of Pitwall.`,
    },
    {
      what: 'Counts',
      how: `From ${scope.from} to ${scope.to}, both included, in days of UTC, by when a run ended. They are added up as runs end, so they hold also where the runs themselves were forgotten.`,
    },
    ...Object.entries(methods).map(([kind, how]) => ({ what: `Controls: ${kind}`, how })),
    {
      what: 'Clocks',
      how: 'Durations are of one monotonic clock, of the machine that ran the drill; instants are that machine’s, in UTC.',
    },
    { what: 'Made by', how: `Pitwall ${version}. Every run named here is shown whole by “pitwall show RUN”.` },
  ];
}
