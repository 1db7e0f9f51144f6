import type { CurvePlan } from '../../domain/curve.ts';
import type { RunContext } from '../../domain/kind.ts';
import type { Objectives } from '../../domain/objectives.ts';
import type { Rehearsed } from './conclude.ts';
import type { Params, PlanName } from './params.ts';
import { isOf } from './plan.ts';
import { rehearse } from './rehearse.ts';

type Context = RunContext<Params>;

/** Leaks, rotates, watches and tells; with `plan: both` twice, the planned one first. */
export async function run(context: Context): Promise<void> {
  const { params } = context;
  const plans: readonly PlanName[] = params.plan === 'both' ? ['planned', 'leak'] : [params.plan];
  const curves: CurvePlan[] = [];
  let given: Rehearsed['given'] = null;
  for (const plan of plans) {
    const rehearsed = await rehearse(plan, context);
    ({ given } = rehearsed);
    curves.push(rehearsed.curve);
    report(rehearsed, plan, context);
    context.artifact('curve', { plans: curves });
    if (rehearsed.error !== null) throw rehearsed.error;
    if (!rehearsed.timing.good && params.credential === 'real') break;
  }
  for (const target of context.targets) context.outcome(target, outcomeOf(target, params, given));
}

function report({ timing, curve, aftermath }: Rehearsed, plan: PlanName, context: Context): void {
  const { params } = context;
  const first = params.plan === 'both' && plan === 'planned';
  for (const [name, value] of Object.entries(timing.measures)) {
    // no request may fail in a planned rotation, and the new one is to work before the old one does not; in a leak it is only told
    const own = plan === 'planned' ? plannedObjectives[name] : undefined;
    context.measure(first ? `planned_${name}` : name, null, value, own);
  }
  const title = (text: string) => (params.plan === 'both' ? `${text} (plan ${plan})` : text);
  context.findings([...timing.findings, ...aftermath].map((one) => ({ ...one, title: title(one.title), waivedUntil: null })));
  for (const { name, from, to } of curve.phases)
    context.event('step', null, `${name}: ${Math.round(to - from)} ms, from ${Math.round(from)} ms after the leak on`);
}

const plannedObjectives: Objectives = { failed_requests: { max: 0 }, overlap: { min: 0 } };

function outcomeOf(target: Context['targets'][number], params: Params, given: Rehearsed['given']): string {
  const consumer = params.consumers.find(({ service }) => isOf(target, service));
  if (consumer === undefined) return 'asked';
  if (params.credential !== 'real' || consumer.deliver === null) return 'asked from';
  if (given === null) return 'the old one is put back';
  return given.has(consumer.service) ? 'given the new one' : 'not given the new one';
}
