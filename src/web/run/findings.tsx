import type { Finding, FindingState, Severity } from '../../domain/words.ts';
import { State, type StateName } from '../parts/state.tsx';
import { Text } from '../parts/text.tsx';

type GroupName = FindingState | 'waived';

const groups: readonly { readonly is: GroupName; readonly title: string; readonly open: boolean }[] = [
  { is: 'broken', title: 'Broken', open: true },
  { is: 'inconclusive', title: 'Inconclusive: nothing was proven', open: true },
  { is: 'waived', title: 'Broken, and waived', open: true },
  { is: 'holds', title: 'Holds', open: false },
  { is: 'not-applicable', title: 'Does not apply', open: false },
];
const severities: readonly Severity[] = ['critical', 'high', 'medium', 'low'];

/** The worst first; the same on several targets once. */
export function Findings({ findings }: { readonly findings: readonly Finding[] }) {
  if (findings.length === 0) return null;
  return (
    <section>
      <h2>Findings</h2>
      {groups.map(({ is, title, open }) => {
        const own = alike(findings.filter((finding) => groupOf(finding) === is));
        if (own.length === 0) return null;
        return (
          <details class="findings" id={`findings-${is}`} open={open}>
            <summary>
              <State is={is satisfies StateName} word={title} /> <span class="num">{own.length}</span>
            </summary>
            <ul>
              {own.slice(0, most).map((same) => (
                <Item same={same} />
              ))}
            </ul>
            {own.length > most && <p class="quiet">and {own.length - most} more, in the record.</p>}
          </details>
        );
      })}
    </section>
  );
}

/** Of one group; further ones are in the record. */
const most = 300;

function groupOf({ state, waivedUntil }: Finding): GroupName {
  return state === 'broken' && waivedUntil !== null ? 'waived' : state;
}

/** By severity, then in the order in which they were found. */
function alike(findings: readonly Finding[]): readonly Alike[] {
  const same = new Map<string, Finding[]>();
  for (const finding of findings) {
    const key = JSON.stringify([finding.probe, finding.title, finding.evidence, finding.severity, finding.waivedUntil]);
    same.set(key, [...(same.get(key) ?? []), finding]);
  }
  return [...same.values()]
    .flatMap(([first, ...others]) =>
      first === undefined ? [] : [{ first, targets: [first, ...others].flatMap(({ target }) => target ?? []) }],
    )
    .toSorted((a, b) => severities.indexOf(a.first.severity) - severities.indexOf(b.first.severity));
}

interface Alike {
  readonly first: Finding;
  readonly targets: readonly string[];
}

/** The rest is in the record. */
const longest = 3_000;
const mostTargets = 20;

function Item({ same: { first, targets } }: { readonly same: Alike }) {
  const { probe, title, severity, evidence, waivedUntil } = first;
  return (
    <li>
      <details>
        <summary>
          <span class={`severity ${severity}`}>{severity}</span>{' '}
          <code>
            <Text of={probe} />
          </code>{' '}
          <Text of={title} />
          {targets.length > 0 && (
            <span class="quiet">
              {' '}
              on <Text of={targets.slice(0, mostTargets).join(', ')} />
              {targets.length > mostTargets && ` and ${targets.length - mostTargets} more`}
            </span>
          )}
          {waivedUntil !== null && (
            <>
              {' '}
              <State is="waived" word={`waived until ${waivedUntil.slice(0, 10)}`} />
            </>
          )}
        </summary>
        <pre>
          <Text of={evidence.length > longest ? `${evidence.slice(0, longest)}…` : evidence} lines />
        </pre>
      </details>
    </li>
  );
}
