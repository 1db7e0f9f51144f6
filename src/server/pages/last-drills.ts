import type { Proof } from '../../domain/proof.ts';
import type { TargetView } from '../../runner/targets/target-view.ts';
import type { LastDrill } from '../../web/target-row.ts';

type Newest = Omit<LastDrill, 'on'>;

/**
 * The newest run that worked on each container. Proofs name the containers that were asked, so this needs no run to be read. A container
 * that is newer than every run is known by its service: by its replicas, or by the service's name where no other project has one of that name.
 */
export function lastDrills(proofs: readonly Proof[], views: readonly TargetView[]): (view: TargetView) => LastDrill | null {
  const byContainer = new Map<string, Newest>();
  const bySubject = new Map<string, Newest>();
  for (const proof of proofs) {
    const run = { runId: proof.runId, drill: proof.drill === '' ? null : proof.drill, kind: proof.kind, at: proof.at };
    for (const name of proof.targets) keepNewest(byContainer, key(proof.engine, name), run);
    if (proof.subject !== '') keepNewest(bySubject, key(proof.engine, proof.subject), run);
  }
  const byService = new Map<string, Newest>();
  const projects = new Map<string, Set<string | null>>();
  for (const view of views) {
    if (view.service === null) continue;
    const own = byContainer.get(key(view.engine, view.name));
    if (own !== undefined) keepNewest(byService, serviceKey(view), own);
    const named = key(view.engine, view.service);
    projects.set(named, (projects.get(named) ?? new Set()).add(view.project));
  }
  return (view) => {
    const own = byContainer.get(key(view.engine, view.name));
    if (own !== undefined) return { ...own, on: 'container' };
    if (view.service === null) return null;
    const named = key(view.engine, view.service);
    const ofService = byService.get(serviceKey(view)) ?? (projects.get(named)?.size === 1 ? bySubject.get(named) : undefined);
    return ofService === undefined ? null : { ...ofService, on: 'service' };
  };
}

function keepNewest(known: Map<string, Newest>, at: string, run: Newest): void {
  const had = known.get(at);
  if (had === undefined || had.at < run.at) known.set(at, run);
}

function key(...parts: readonly (string | null)[]): string {
  // no name holds such a character
  return parts.join('\u0000');
}

function serviceKey({ engine, project, service }: TargetView): string {
  return key(engine, project, service);
}
