import type { OptInRule } from '../../config/config.ts';
import type { ContainerSummary } from '../../domain/engine/containers.ts';
import { matchesGlob } from '../../domain/glob.ts';
import { isSkipped, labels } from '../../domain/target.ts';

export interface OptInScope {
  readonly kind: string;
  /** The owner's rules that hold on this engine. */
  readonly rules: readonly OptInRule[];
}

/** Why a container may not be drilled that nobody has said a word about. */
export const unlisted = `not opted in (no label ${labels.optIn}, no optIn rule)`;

/** Null when the container may be drilled; otherwise why it may not. Fails closed: what is not allowed is forbidden. */
export function whyNotOptedIn(container: ContainerSummary, scope: OptInScope): string | null {
  if (isSkipped(container.labels)) return `${labels.skip} is ${JSON.stringify(container.labels[labels.skip])}`;
  const label = container.labels[labels.optIn];
  if (label !== undefined) {
    const kinds = label.split(',').map((kind) => kind.trim());
    if (kinds.includes('all') || kinds.includes(scope.kind)) return null;
    return `not opted in: label ${labels.optIn} is ${JSON.stringify(label)}, which does not name ${scope.kind}`;
  }
  if (scope.rules.some((rule) => allows(rule, container, scope.kind))) return null;
  return unlisted;
}

function allows(rule: OptInRule, container: ContainerSummary, kind: string): boolean {
  const service = container.labels[labels.composeService];
  return (
    (rule.kinds === 'all' || rule.kinds.some((allowed) => allowed === kind)) &&
    (rule.compose === null || container.labels[labels.composeProject] === rule.compose) &&
    (rule.services === null || (service !== undefined && rule.services.includes(service))) &&
    (rule.names === null || rule.names.some((glob) => matchesGlob(glob, container.name))) &&
    (rule.images === null || rule.images.some((glob) => matchesGlob(glob, container.image))) &&
    Object.entries(rule.labels).every(([key, value]) => container.labels[key] === value)
  );
}
