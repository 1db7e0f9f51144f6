import type { Finding, FindingState, Severity } from '../../domain/words.ts';
import { type Output, quotedLines, type Style } from '../output.ts';

const styles: Readonly<Record<FindingState, Style>> = { broken: 'bad', inconclusive: 'unsure', holds: 'good', 'not-applicable': 'quiet' };
const severities: readonly Severity[] = ['critical', 'high', 'medium', 'low'];
const states = ['broken', 'inconclusive'] as const;

/** What needs a reader one by one, the gravest first and the same on several targets once; what holds, counted by its probes. */
export function showFindings(out: Output, findings: readonly Finding[]): void {
  if (findings.length === 0) return;
  out.line();
  for (const state of states) {
    for (const severity of severities) {
      const some = findings.filter((finding) => finding.state === state && finding.severity === severity);
      for (const group of alike(some)) {
        const [first] = group;
        if (first === undefined) continue;
        const targets = group.flatMap(({ target }) => (target === null ? [] : [target]));
        const waived = first.waivedUntil === null ? '' : out.paint('unsure', '  waived');
        out.line(
          `  ${out.paint(styles[state], state)}  ${severity}  ${first.probe} ${quotedLines(titleOf(group), ' ')}${targets.length > 0 ? ` (${targets.join(', ')})` : ''}${waived}`,
        );
        for (const line of evidenceOf(group)) out.line(out.paint('quiet', `      ${quotedLines(line, '      ')}`));
      }
    }
  }
  counted(out, 'holds', 'hold', findings);
  counted(out, 'not-applicable', 'do not apply', findings);
}

function counted(out: Output, state: 'holds' | 'not-applicable', verb: string, findings: readonly Finding[]): void {
  const some = findings.filter((finding) => finding.state === state);
  const probes = [...new Set(some.map(({ probe }) => probe))];
  const one = state === 'holds' ? 'holds' : 'does not apply';
  if (some.length > 0) out.line(`  ${out.paint(styles[state], `${some.length} ${some.length === 1 ? one : verb}`)}: ${probes.join(', ')}`);
}

/** In the order in which they were found. What is said of a target is one thing, whatever was seen there; so is the same said of several others. */
function alike(findings: readonly Finding[]): Finding[][] {
  return grouped(findings, (finding) => {
    const { probe, title, target, waivedUntil } = finding;
    const named = target === null ? aboutNamed(finding) : null;
    return named === null ? [probe, title, waivedUntil, target === null] : [probe, named.rest, named.evidence, waivedUntil];
  });
}

function titleOf(group: readonly Finding[]): string {
  const names = group.map((finding) => aboutNamed(finding)?.name ?? '');
  const [first] = group;
  if (first === undefined) return '';
  return group.length > 1 && first.target === null && !names.includes('')
    ? `${[...new Set(names)].join(', ')}: ${aboutNamed(first)?.rest}`
    : first.title;
}

/** What was seen; where it differs between targets, of which. */
function evidenceOf(group: readonly Finding[]): string[] {
  const seen = grouped(group, ({ evidence }) => evidence);
  const [first] = group;
  if (first === undefined || seen.length === 1) return group.slice(0, 1).map(({ evidence }) => evidence);
  if (first.target === null) {
    return aboutNamed(first) === null ? seen.flatMap(([one]) => one?.evidence ?? []) : [`${first.evidence}; likewise the others`];
  }
  return seen.map((some) => `${some.map(({ target }) => target).join(', ')}: ${some[0]?.evidence ?? ''}`);
}

interface Named {
  readonly name: string;
  readonly rest: string;
  /** Without the name that it begins with. */
  readonly evidence: string;
}

/** Titles such as `db: not known`, of what is no target of the run. */
function aboutNamed({ title, target, evidence }: Finding): Named | null {
  const [, name, rest] = /^(\S+): (.+)$/s.exec(title) ?? [];
  if (target !== null || name === undefined || rest === undefined) return null;
  const [word = ''] = evidence.split(' ', 1);
  return { name, rest, evidence: word.includes(name) ? evidence.slice(word.length) : evidence };
}

function grouped(findings: readonly Finding[], keyOf: (finding: Finding) => unknown): Finding[][] {
  const groups = new Map<string, Finding[]>();
  for (const finding of findings) {
    const key = JSON.stringify(keyOf(finding));
    groups.set(key, [...(groups.get(key) ?? []), finding]);
  }
  return [...groups.values()];
}
