import { type Config, optInRules } from '../config/config.ts';
import type { Engine } from '../domain/engine.ts';
import { belonging } from '../domain/target.ts';
import { whyNotOptedIn } from './opt-in.ts';
import { type Self, whyProtected } from './self-protection.ts';

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
}

/** Every running container of an engine, sorted by name. */
export async function targetViews(
  engine: Engine,
  options: { readonly config: Pick<Config, 'optIn'>; readonly self: Self; readonly kinds: readonly string[] },
): Promise<TargetView[]> {
  const rules = optInRules(options.config, engine);
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
      };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
