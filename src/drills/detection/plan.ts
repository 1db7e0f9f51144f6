import { InvalidError } from '../../domain/errors.ts';
import type { Plan, PlanContext } from '../../domain/kind.ts';
import type { Target } from '../../domain/target.ts';
import { catalogue } from '../../probes/catalogue.ts';
import { imagesOf, plannedClone, plannedGround } from '../../probes/planned.ts';
import type { Ground, Probe } from '../../probes/probe.ts';
import { harmless } from './harmless.ts';
import type { Expectation, Params } from './params.ts';

export async function plan({ engine, params, targets, signal }: PlanContext<Params>): Promise<Plan> {
  const attempts = params.expect.map((expectation, index) => ({ expectation, probe: attemptOf(expectation, index) }));
  const [images, networks] = await Promise.all([imagesOf(engine, targets, signal), engine.networks({}, { signal })]);
  return {
    units: targets.map((target) => {
      const image = images.get(target.inspect.Image);
      const ground = image === undefined ? null : plannedGround(target.inspect, image, networks, null);
      return { targets: [target], actions: actionsFor(target, attempts, ground, params), untouched: true };
    }),
    idle: [],
    notes: [
      'alerts must come to POST /webhooks/falco or /webhooks/alerts of a pitwall serve on this database, and their rules must show the command line or the environment',
    ],
  };
}

/** @throws InvalidError for a probe that runs nothing, or whose packets would leave the host. */
export function attemptOf({ probe: id }: Expectation, index: number): Probe {
  const probe = catalogue.find((one) => one.id === id);
  const at = `params.expect[${index}].probe`;
  if (probe?.steps === undefined)
    throw new InvalidError('no_attempt', `${at}: ${id} only asks the API, so there is nothing to notice`, {
      hint: 'pitwall probes shows what each does',
    });
  if (probe.safety === 'may-leave-host')
    throw new InvalidError('no_attempt', `${at}: ${id} may leave the host, which this kind of drill never does`);
  return probe;
}

/** Each in a clone of its own, with a mark in the arguments and the environment of what it runs. */
function actionsFor({ name, inspect }: Target, attempts: readonly Attempt[], ground: Ground | null, params: Params): string[] {
  if (inspect.HostConfig.Privileged === true)
    return [`nothing: ${name} is privileged, and an attempt in a clone of it would reach the host`];
  if (ground === null) return [`nothing: the image of ${name} is gone, and there can be no clone of it`];
  const marked = (probe: Probe, until: string) => plannedClone(`start a clone of ${name} for ${until}, and in it, marked`, [probe], ground);
  return [
    ...attempts.flatMap(({ probe, expectation: { rule } }) => marked(probe, rule === undefined ? 'any alert' : JSON.stringify(rule))),
    ...(params.negativeControl ? marked(harmless, 'no alert at all') : []),
    ...(params.freeze ? ['freeze the clone of the first alert, and capture it'] : []),
    'remove the clones',
  ];
}

interface Attempt {
  readonly expectation: Expectation;
  readonly probe: Probe;
}
