import type { Drift } from '../../container/drift.ts';
import type { Recreated } from '../../container/recreate/io.ts';
import type { RunContext } from '../../domain/kind.ts';
import type { Target } from '../../domain/target.ts';
import type { Params } from './params.ts';

const namedInEvidence = 20;
const namedInEvent = 3;

/** What changed in the outgoing layer: an event and a count, and a finding when the drill wants one. */
export function reportDrift(context: RunContext<Params>, target: Target, drift: Drift | null): void {
  if (drift === null) {
    const title = 'what changed in its layer could not be read';
    context.event('drift', target, title);
    if (context.params.onDrift === 'fail') {
      context.finding({
        probe: 'DRIFT',
        title,
        target: target.name,
        state: 'inconclusive',
        severity: 'high',
        evidence: 'the engine did not tell',
        waivedUntil: null,
      });
    }
    return;
  }
  context.measure('drift_files', target, drift.files);
  const { files, added, modified, deleted, executables } = drift;
  const named = drift.changes.slice(0, namedInEvent).map((change) => change.path);
  const more = files > named.length ? ', …' : '';
  const what = `changed in its layer: ${files} (${added} added, ${modified} changed, ${deleted} deleted; ${executables.length} executable): ${named.join(', ')}${more}`;
  context.event('drift', target, files === 0 ? 'nothing changed in its layer' : what, {
    files,
    executables: executables.slice(0, namedInEvidence),
  });
  if (files === 0 || context.params.onDrift !== 'fail') return;
  const paths = drift.changes.slice(0, namedInEvidence).map((change) => `${change.kind} ${change.path}`);
  context.finding({
    probe: 'DRIFT',
    title: `${files} files changed in the layer`,
    target: target.name,
    state: 'broken',
    severity: executables.length > 0 ? 'high' : 'medium',
    evidence: [...paths, ...(files > paths.length ? [`and ${files - paths.length} more: see the artifact drift`] : [])].join('\n'),
    waivedUntil: null,
  });
}

/** The proof that it is the same container again: where it is not, the run has failed, however healthy the service is. */
export function reportDifference(context: RunContext<Params>, made: Recreated): void {
  if (made.differs.length === 0) return;
  context.event('differs', made.target, `the new ${made.target.name} differs in ${made.differs.join(', ')}`, { paths: made.differs });
  context.finding({
    probe: 'SAME',
    title: 'the new container differs from the old one',
    target: made.target.name,
    state: 'broken',
    severity: 'medium',
    evidence: made.differs.join('\n'),
    waivedUntil: null,
  });
}
