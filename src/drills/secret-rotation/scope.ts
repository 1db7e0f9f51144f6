import type { Prober } from '../../checks/prober/contract.ts';
import { openProber } from '../../checks/prober/open-prober.ts';
import { inspectIfThere } from '../../container/look.ts';
import { plainName } from '../../container/names.ts';
import type { Clock } from '../../domain/clock.ts';
import type { ContainerInspect } from '../../domain/engine/containers.ts';
import type { Engine } from '../../domain/engine.ts';
import type { Secret } from '../../domain/secret.ts';
import { successors } from './successors.ts';
import type { SystemScope } from './system.ts';

/** A target as the journal keeps it: a container that is made again meanwhile has the same name. */
export interface Known {
  readonly name: string;
  readonly service: string | null;
}

export interface ScopeParts {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly runId: string;
  readonly instance: string;
  readonly plan: SystemScope['plan'];
  readonly credential: SystemScope['credential'];
  readonly targets: readonly Known[];
  helperImage(): Promise<{ readonly reference: string }>;
  secret: SystemScope['secret'];
  held(): Promise<Secret | null>;
  event(type: string, message: string): void;
}

export interface OpenScope extends SystemScope, AsyncDisposable {
  /** Why a point did not take what it was told, where a system has said so. */
  whyNotTaken(point: string): string | null;
  /** From here on `signal` is this one: what is put back must not end with the run. */
  undoUnder(signal: AbortSignal): void;
}

/** Probers are kept open, one in each container's network, until the scope is closed. */
export function openScope(parts: ScopeParts): OpenScope {
  const { engine, targets } = parts;
  const probers = new Map<string, Promise<Prober>>();
  const reasons = new Map<string, string>();
  let { signal } = parts;
  let closed = false;
  const running = async (wanted: readonly Known[]): Promise<ContainerInspect[]> => {
    const found = await Promise.all(
      wanted.map(async ({ name }) => {
        const one = await inspectIfThere(engine, name);
        return one?.State.Running === true ? [one] : successors(engine, name);
      }),
    );
    const unique = new Map(found.flat().map((one) => [one.Id, one]));
    return [...unique.values()].filter(({ State }) => State.Running);
  };
  return {
    ...parts,
    get signal() {
      return signal;
    },
    notTaken(points, why) {
      for (const { name } of points) reasons.set(name, why);
      parts.event('not-taken', why);
    },
    whyNotTaken: (point) => reasons.get(point) ?? null,
    undoUnder(other) {
      signal = other;
    },
    service: (name) => running(targets.filter((one) => one.service === name || one.name === name)),
    others: () => running(targets),
    prober(container) {
      const open = probers.get(keyOf(container));
      if (open !== undefined)
        return open.then(
          (one) => (one.alive() ? one : renew(container)),
          () => renew(container),
        );
      return renew(container);
    },
    async [Symbol.asyncDispose]() {
      closed = true;
      // a prober that never opened has nothing to close; what could not be removed is the sweep's
      await Promise.allSettled([...probers.values()].map(async (one) => (await one).close()));
    },
  };

  async function renew(container: Parameters<SystemScope['prober']>[0]): Promise<Prober> {
    // nobody would close it
    if (closed) throw new Error(`no prober is opened beside ${plainName(container.Name)}: the rotation is over`);
    const opened = openProber({ id: container.Id, name: plainName(container.Name) }, { ...parts, signal });
    probers.set(keyOf(container), opened);
    return opened;
  }
}

/** One that was started again has another network. */
function keyOf({ Id, State }: { readonly Id: string; readonly State?: { readonly StartedAt: string } }): string {
  return `${Id} ${State?.StartedAt ?? ''}`;
}
