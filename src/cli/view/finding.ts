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
      for (const [first, ...others] of alike(some)) {
        if (first === undefined) continue;
        const targets = [first, ...others].flatMap(({ target }) => (target === null ? [] : [target]));
        const waived = first.waivedUntil === null ? '' : out.paint('unsure', '  waived');
        out.line(
          `  ${out.paint(styles[state], state)}  ${severity}  ${first.probe} ${quotedLines(first.title, ' ')}${targets.length > 0 ? ` (${targets.join(', ')})` : ''}${waived}`,
        );
        out.line(out.paint('quiet', `      ${quotedLines(first.evidence, '      ')}`));
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

/** In the order in which they were found. */
function alike(findings: readonly Finding[]): Finding[][] {
  const groups = new Map<string, Finding[]>();
  for (const finding of findings) {
    const key = JSON.stringify([finding.probe, finding.title, finding.evidence, finding.waivedUntil]);
    groups.set(key, [...(groups.get(key) ?? []), finding]);
  }
  return [...groups.values()];
}
