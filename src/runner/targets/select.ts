import type { OptInRule } from '../../config/config.ts';
import type { Drill, Pick } from '../../domain/drill.ts';
import type { ContainerInspect, ContainerSummary } from '../../domain/engine/containers.ts';
import type { Engine } from '../../domain/engine.ts';
import { EngineError, InconclusiveError, RefusedError } from '../../domain/errors.ts';
import type { Random } from '../../domain/random.ts';
import { asTarget, labels, type Target } from '../../domain/target.ts';
import { matches } from './match.ts';
import { whyNotOptedIn } from './opt-in.ts';
import { type Self, whyProtected } from './self-protection.ts';

export interface LeftOut {
  readonly container: ContainerSummary;
  readonly reason: string;
}

export interface Selection {
  /** Opted in and picked, sorted by name. */
  readonly targets: readonly Target[];
  /** All that the pick chose from, sorted by name: recorded, so that a seed means something. */
  readonly candidates: readonly string[];
  readonly leftOut: readonly LeftOut[];
}

/**
 * Selector → opt-in → pick → blast radius.
 *
 * @throws InconclusiveError `no_match` when the selector matches no container; RefusedError `not_opted_in` when none of those that
 * match opted in, `max_targets` when more would be touched than allowed; EngineError.
 */
export async function select(
  drill: Drill,
  engine: Engine,
  options: {
    readonly rules: readonly OptInRule[];
    readonly self: Self;
    readonly random: Random;
    readonly only?: readonly string[] | undefined;
  },
): Promise<Selection> {
  const running = await engine.list();
  const matched = running.filter((container) => matches(drill.targets, container)).sort(byName);
  if (matched.length === 0) {
    throw new InconclusiveError(
      'no_match',
      `the selector of ${drill.name} matches no running container on ${engine.name} (of ${running.length})`,
      {
        hint: `look at them with: pitwall targets`,
      },
    );
  }
  const leftOut: LeftOut[] = [];
  const candidates: Target[] = [];
  for (const found of await inspectAll(engine, matched)) {
    const reason = found.inspect === null ? 'it was removed while we looked' : whyLeftOut(found.container, found.inspect, drill, options);
    if (reason === null && found.inspect !== null) candidates.push(asTarget(found.inspect));
    else leftOut.push({ container: found.container, reason: reason ?? '' });
  }
  if (candidates.length === 0) throw noneOptedIn(drill, engine, leftOut);
  const targets =
    options.only === undefined ? pick(candidates, drill.targets.pick, options.random) : replayed(candidates, options.only, engine);
  if (targets.length > drill.safety.maxTargets) {
    throw new RefusedError(
      'max_targets',
      `${drill.name} would touch ${targets.length} containers; safety.maxTargets allows ${drill.safety.maxTargets}`,
      {
        hint: 'narrow the selector, pick fewer, or raise safety.maxTargets',
        context: { targets: targets.map((target) => target.name) },
      },
    );
  }
  return { targets, candidates: candidates.map((candidate) => candidate.name), leftOut };
}

function whyLeftOut(
  container: ContainerSummary,
  inspect: ContainerInspect,
  drill: Drill,
  options: { readonly rules: readonly OptInRule[]; readonly self: Self },
): string | null {
  const own = whyProtected(container, options.self, inspect);
  if (own !== null) return own;
  if (container.state !== 'running') return `it is ${container.state}`;
  return whyNotOptedIn(container, { kind: drill.kind, rules: options.rules });
}

async function inspectAll(engine: Engine, containers: readonly ContainerSummary[]) {
  return await Promise.all(
    containers.map(async (container) => ({
      container,
      inspect: await engine.inspect(container.id).catch((error: unknown) => {
        if (error instanceof EngineError && error.code === 'not_found') return null;
        throw error;
      }),
    })),
  );
}

function pick(candidates: readonly Target[], how: Pick, random: Random): readonly Target[] {
  if ('all' in how) return candidates;
  const count = 'count' in how ? how.count : Math.max(1, Math.floor(Number((candidates.length * how.share).toFixed(9))));
  if (count >= candidates.length) return candidates;
  return random.shuffle(candidates).slice(0, count).sort(byName);
}

function replayed(candidates: readonly Target[], names: readonly string[], engine: Engine): readonly Target[] {
  if (names.length === 0) {
    throw new RefusedError('replay_target_missing', 'cannot replay a run that had no targets', { hint: 'run the drill without --replay' });
  }
  const missing = names.filter((name) => !candidates.some((candidate) => candidate.name === name));
  if (missing.length > 0) {
    throw new RefusedError(
      'replay_target_missing',
      `cannot replay: ${missing.join(', ')} on ${engine.name} is gone, not running or not opted in any more`,
      {
        hint: 'run the drill without --replay',
      },
    );
  }
  return candidates.filter((candidate) => names.includes(candidate.name));
}

function noneOptedIn(drill: Drill, engine: Engine, leftOut: readonly LeftOut[]): RefusedError {
  const listed = leftOut.slice(0, 5).map(({ container, reason }) => `${container.name} (${reason})`);
  const more = leftOut.length > 5 ? ` and ${leftOut.length - 5} more` : '';
  return new RefusedError(
    'not_opted_in',
    `${leftOut.length} matched on ${engine.name} but none may be drilled: ${listed.join('; ')}${more}`,
    {
      hint: `put the label ${labels.optIn}: ${drill.kind} on the containers, or, for those without that label, an optIn rule in pitwall.yaml`,
      context: { leftOut: leftOut.map(({ container, reason }) => ({ name: container.name, reason })) },
    },
  );
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
