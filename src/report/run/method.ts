import { z } from 'zod';
import { formatDuration } from '../../domain/duration.ts';
import type { ChangeState } from '../../domain/journal.ts';
import { formatPercent } from '../../domain/percent.ts';
import type { RunRecord } from '../../domain/words.ts';
import { methods } from '../advice/methods.ts';
import type { ReportDeps } from '../deps.ts';
import { asked } from '../identity.ts';
import { compare } from '../order.ts';
import { readArtifact } from '../read-artifact.ts';
import type { Report } from '../schema.ts';
import { counted, named } from '../wording.ts';

type Method = Report['method'];
type Deps = Pick<ReportDeps, 'store' | 'version' | 'probes'>;

/** How the run came to know what it says. */
export function runMethod(record: RunRecord, deps: Deps): Method {
  const { engine } = record;
  const rate = record.measurements.find(({ name }) => name === 'detection_rate');
  const how = methods[record.kind];
  return [
    ...(how === undefined || record.verdict === 'refused' ? [] : [{ what: 'Controls', how }]),
    ...(record.kind === 'adversarial-probe'
      ? [
          {
            what: 'Self-test',
            how:
              rate === undefined
                ? 'None was made: no probe was seen to fail where it must, so what holds is worth less.'
                : `${formatPercent(rate.value)} of the probes that can be tested here were seen to fail where their weakness is planted; what the others say counts for nothing.`,
          },
        ]
      : []),
    ...steadyState(record, deps),
    ...deps.store.journal.ofRun(record.id).map(({ kind, target, state, note }) => ({
      what: `Change ${kind} of ${target}`,
      how: `${settled[state]}${note === null || note === '' ? '' : `: ${note}`}.`,
    })),
    {
      what: 'Clocks',
      how: 'Durations are of one monotonic clock, of the machine that ran the drill; instants are that machine’s, in UTC.',
    },
    {
      what: 'Versions',
      how: `Docker ${engine.version ?? 'of an unknown version'} on engine ${engine.name}${engine.id === null ? '' : ` (${engine.id})`}; this report was made by Pitwall ${deps.version}.`,
    },
    { what: 'Definition', how: `${record.definition}, the hash of the drill’s text as it was run.` },
    ...(record.drill === null || record.targets.length === 0
      ? []
      : [{ what: 'Seed', how: `${record.seed}; “pitwall run ${record.drill} --replay ${record.id}” picks the same targets.` }]),
    ...(record.evidence.length === 0
      ? []
      : [{ what: 'Evidence', how: `${record.evidence.join(', ')}; “pitwall evidence verify” checks its hashes, signature and custody.` }]),
    ...record.artifacts.map(({ name, sha256, bytes }) => ({
      what: `Record ${name}`,
      how: `${counted(bytes, 'byte')}, sha256:${sha256}`,
    })),
    { what: 'The run itself', how: `${record.id}; “pitwall show ${record.id} --events” has its timeline.` },
  ];
}

const settled: Readonly<Record<ChangeState, string>> = {
  open: 'Not settled yet',
  done: 'Made, and left as was wanted',
  undone: 'Undone',
  residue: 'Something of it was left behind',
};

const availability = z.object({
  checks: z.array(
    z.object({
      name: z.string(),
      type: z.string(),
      everyMs: z.number(),
      availability: z.number().nullable(),
      samples: z.array(z.unknown()),
    }),
  ),
});

/** Names of what was sampled as the steady state. */
export function checksOf(record: RunRecord, deps: Deps): string[] {
  return (readArtifact(record, 'availability', availability, deps.store)?.checks ?? []).map(({ name }) => name);
}

function steadyState(record: RunRecord, deps: Deps): Method {
  const seen = readArtifact(record, 'availability', availability, deps.store);
  return (seen?.checks ?? []).map((check) => ({
    what: `Steady state: ${check.name}`,
    how: `Asked (${check.type}) every ${formatDuration(check.everyMs)}, ${counted(check.samples.length, 'time')}${check.availability === null ? '' : `; ${formatPercent(Math.floor(check.availability * 10_000) / 10_000)} of the answers were good`}.`,
  }));
}

const probes = z.object({ selfTest: z.array(z.object({ id: z.string(), outcome: z.string(), reason: z.string() })).nullable() });

/** A drill that asks few questions looks as good as one that asks all. */
function unasked(record: RunRecord, { probes }: Deps): Report['notTested'] {
  if (record.kind !== 'adversarial-probe' || record.findings.length === 0) return [];
  const asks = new Set(record.findings.map(({ probe }) => probe.split(':')[0]));
  const rest = probes.filter((id) => !asks.has(id));
  return rest.length === 0
    ? []
    : [{ what: `${rest.length} of ${probes.length} probes`, why: `the drill does not ask them: ${rest.join(', ')}` }];
}

/** What a reader could take for tested, and is not. */
export function untested(record: RunRecord, deps: Deps): Report['notTested'] {
  const leftOut = record.targets.flatMap(({ name, leftOut }) => (leftOut === null ? [] : [{ what: name, why: `left out: ${leftOut}` }]));
  const untouched =
    record.endedAt === null
      ? []
      : record.targets
          .filter(({ leftOut, outcome }) => leftOut === null && outcome === null)
          .map(({ name }) => ({ what: name, why: 'the run ended before its turn' }));
  const byQuestion = new Map<string, { readonly what: string; readonly why: string; readonly subjects: Set<string> }>();
  for (const { worst, subject } of asked(record)) {
    if (worst.state !== 'not-applicable') continue;
    const what = `${worst.probe} ${worst.title}`;
    const key = JSON.stringify([what, worst.evidence]);
    const one = byQuestion.get(key) ?? { what, why: worst.evidence, subjects: new Set<string>() };
    if (subject !== '') one.subjects.add(subject);
    byQuestion.set(key, one);
  }
  const notApplicable = [...byQuestion.values()].map(({ what, why, subjects }) => ({
    what,
    why: `does not apply${subjects.size === 0 ? '' : ` to ${named([...subjects].sort(compare))}`}: ${why}`,
  }));
  const selfTest = readArtifact(record, 'probes', probes, deps.store)?.selfTest ?? [];
  const unproven = selfTest
    .filter(({ outcome }) => outcome === 'untested')
    .map(({ id, reason }) => ({ what: `Self-test of ${id}`, why: `could not be made here: ${reason}` }));
  const order = (rows: Report['notTested']) => rows.toSorted((a, b) => compare(a.what, b.what) || compare(a.why, b.why));
  return [
    ...order(leftOut),
    ...order(untouched),
    ...unasked(record, deps),
    ...order(notApplicable),
    ...order(unproven),
    {
      what: 'All else',
      why: 'a report on one run says nothing of other services and of other kinds of drill: a report on some days does (“pitwall report”)',
    },
  ];
}
