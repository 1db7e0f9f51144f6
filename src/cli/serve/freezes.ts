import { type Config, optInRules } from '../../config/config.ts';
import { type Clock, instant } from '../../domain/clock.ts';
import type { ContainerSummary } from '../../domain/engine/containers.ts';
import type { Engine } from '../../domain/engine.ts';
import type { FreezeOrder } from '../../domain/evidence.ts';
import { extendLease } from '../../forensics/hold/lease.ts';
import type { Forensics } from '../../forensics/service.ts';
import type { RunnerDeps } from '../../runner/deps.ts';
import { freezeKind, freezeNow } from '../../runner/freeze.ts';
import { releaseNow } from '../../runner/release.ts';
import { whyNotOptedIn } from '../../runner/targets/opt-in.ts';
import { whyProtected } from '../../runner/targets/self-protection.ts';
import type { EvidenceReader, Freezes } from '../../server/deps.ts';

export interface ServeFreezes {
  readonly freezes: Freezes;
  readonly evidence: EvidenceReader;
  /** Why no alert may freeze a container: a webhook needs its opt-in too. Null when one may. */
  whyNot(found: { readonly engine: Pick<Engine, 'name' | 'environment'>; readonly container: ContainerSummary }): string | null;
  /** Resolves when every freeze has ended; those still going have been told to by the signal. */
  settled(): Promise<void>;
}

/** Freezes that are asked for over the API, and what the API tells of evidence. */
export function serveFreezes(options: {
  readonly deps: RunnerDeps;
  readonly forensics: Forensics;
  readonly engines: readonly Engine[];
  readonly config: Config;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  onFailure(error: unknown): void;
}): ServeFreezes {
  const { deps, forensics, engines, config, clock, signal } = options;
  const going = new Set<Promise<unknown>>();
  const start = (order: FreezeOrder, who: Parameters<Freezes['start']>[1]) =>
    new Promise<{ readonly id: string }>((resolve, reject) => {
      const receivedAt = clock.monotonic();
      const freezing = freezeNow(order, engines, { ...who, receivedAt, signal, onOpened: (id) => resolve({ id }) }, deps);
      const tracked = freezing.then(
        () => undefined,
        (error: unknown) => {
          reject(error);
          options.onFailure(error);
        },
      );
      going.add(tracked);
      void tracked.finally(() => going.delete(tracked));
    });
  return {
    freezes: {
      start,
      async release(id, to, who) {
        const { outcome } = await releaseNow(id, to, { actor: who, trigger: 'api' }, engines, deps);
        return { outcome };
      },
      lease: async (id, ms, who) => {
        const hold = extendLease(id, ms, deps.store, clock);
        await deps.evidence.note(hold.evidenceId, `held until ${instant(hold.deadline)}`, who);
        return hold;
      },
    },
    evidence: {
      list: async (filter) => deps.store.evidence.list(filter),
      get: (id) => forensics.show(id),
      manifest: (id) => forensics.manifest(id),
      custody: async (id) => (await forensics.show(id)).custody,
      verify: (id) => forensics.verify(id, { offline: false }),
      download: (id, who) => forensics.download(id, who),
    },
    whyNot({ engine, container }) {
      const rules = optInRules(config, engine);
      return whyProtected(container, deps.self, null) ?? whyNotOptedIn(container, { kind: freezeKind, rules });
    },
    async settled() {
      while (going.size > 0) await Promise.all(going);
    },
  };
}
