import type { CheckSpec } from '../domain/drill.ts';
import type { ContainerSummary } from '../domain/engine/containers.ts';
import type { Check, CheckScope } from './contract.ts';
import { noReplica, replicas } from './replicas.ts';
import { timed } from './timed.ts';

/** Every running replica is healthy, or runs when it has no health check. One list, whose status sentence carries the health. */
export function healthCheck(spec: Extract<CheckSpec, { type: 'health' }>, scope: CheckScope): Check {
  const attempt = async (signal: AbortSignal) => {
    const found = await replicas(scope, spec.service, signal);
    if (found.length === 0) return noReplica(spec.service, scope.project);
    return found.map(complaint).find((text) => text !== null) ?? null;
  };
  return {
    spec,
    oneAtATime: true,
    ask: (signal) => timed(attempt, { clock: scope.clock, timeoutMs: spec.timeoutMs, signal }),
    close: async () => undefined,
  };
}

function complaint(container: ContainerSummary): string | null {
  if (container.state !== 'running') return `${container.name} is ${container.state}`;
  if (container.status.includes('(unhealthy)')) return `${container.name} is unhealthy`;
  if (container.status.includes('(health: starting)')) return `${container.name} is starting`;
  return null;
}
