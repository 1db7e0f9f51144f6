import { type Config, optInRules } from '../../config/config.ts';
import type { Drill } from '../../domain/drill.ts';
import type { Engine } from '../../domain/engine.ts';
import { belonging, isSkipped } from '../../domain/target.ts';
import { whyNotOptedIn } from './opt-in.ts';
import { type Self, whyProtected } from './self-protection.ts';
import { type UptimeLimit, uptimeLimits } from './uptime-limit.ts';

/** A running container as people look at it: how old it is, and which drills may touch it. */
export interface TargetView {
  readonly engine: string;
  readonly environment: string | null;
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly service: string | null;
  readonly project: string | null;
  /** Docker's own sentence, `Up 3 minutes (healthy)`. */
  readonly status: string;
  /** UTC ms. */
  readonly createdAt: number;
  /** Kinds of drill that may touch it; empty when none may. */
  readonly kinds: readonly string[];
  /** Why no drill may touch it; null when one may. */
  readonly leftOut: string | null;
  /** It asks to be left alone: a freeze on demand must be forced. */
  readonly skipped: boolean;
  /** Why nothing may ever touch it, a freeze included: it is Pitwall's own; null for all others. */
  readonly protectedBy: string | null;
  /** Null when no drill of the catalogue limits its age. */
  readonly limit: UptimeLimit | null;
}

export interface TargetViewOptions {
  readonly config: Pick<Config, 'optIn'>;
  readonly self: Self;
  /** Kinds of drill that there are. */
  readonly kinds: readonly string[];
  /** The catalogue. */
  readonly drills: readonly Drill[];
}

/** Every running container of an engine, sorted by name. */
export async function targetViews(engine: Engine, options: TargetViewOptions): Promise<TargetView[]> {
  const rules = optInRules(options.config, engine);
  const limitOf = uptimeLimits(engine, options.drills);
  const containers = await engine.list();
  return containers
    .map((container) => {
      const protectedBy = whyProtected(container, options.self, null);
      const answers = options.kinds.map((kind) => ({ kind, reason: protectedBy ?? whyNotOptedIn(container, { kind, rules }) }));
      const allowed = answers.filter((answer) => answer.reason === null).map((answer) => answer.kind);
      return {
        engine: engine.name,
        environment: engine.environment,
        id: container.id,
        name: container.name,
        image: container.image,
        ...belonging(container.labels),
        status: container.status,
        createdAt: container.createdAt,
        kinds: allowed,
        leftOut: allowed.length > 0 ? null : (answers[0]?.reason ?? 'this version of Pitwall has no kind of drill'),
        skipped: isSkipped(container.labels),
        protectedBy,
        limit: limitOf(container),
      };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
