import { InvalidError } from '../../domain/errors.ts';
import type { Plan, PlanContext } from '../../domain/kind.ts';
import type { Target } from '../../domain/target.ts';
import { catalogue } from '../../probes/catalogue.ts';
import type { Probe } from '../../probes/probe.ts';
import type { Expectation, Params } from './params.ts';

export async function plan({ params, targets }: PlanContext<Params>): Promise<Plan> {
  const probes = params.expect.map((expectation, index) => ({ expectation, probe: attemptOf(expectation, index) }));
  return {
    units: targets.map((target) => ({ targets: [target], actions: actionsFor(target, probes, params), untouched: true })),
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

function actionsFor(
  target: Target,
  probes: readonly { readonly expectation: Expectation; readonly probe: Probe }[],
  params: Params,
): string[] {
  const attempts = probes.map(
    ({ expectation, probe }) =>
      `run ${probe.id} (${probe.safety}) with a mark in a clone of ${target.name}, and wait for ${expectation.rule === undefined ? 'an alert' : JSON.stringify(expectation.rule)}`,
  );
  return [
    ...attempts,
    ...(params.negativeControl ? [`do something harmless with a mark in a clone of ${target.name}, for which no alert may come`] : []),
    ...(params.freeze ? ['freeze the clone of the first alert'] : []),
    'remove the clones',
  ];
}
