import type { Target } from '../../domain/target.ts';
import { abuse } from './abuse.ts';
import { type Answer, answer, drills, isUnknown, lacking } from './answers.ts';
import type { Context } from './context.ts';
import { cutRight } from './cut.ts';
import { type Judged, judgeTrial } from './judge.ts';
import { ledger } from './ledger.ts';
import { noExport } from './no-export.ts';
import { type Home, homeOf } from './operate.ts';
import type { DrillName } from './params.ts';
import { openScene } from './scene.ts';
import { placesOf, steal } from './stolen.ts';
import { tryOut } from './trial.ts';

/** Every drill that is named, on one target after the other; a finding each. */
export async function run(context: Context): Promise<void> {
  // asked for first: whatever a crash leaves is then swept
  await context.helperImage();
  await context.forEachUnit(
    async ({ targets: [target] }) => {
      if (target !== undefined) await practise(target, context);
    },
    { parallel: 1 },
  );
}

async function practise(target: Target, context: Context): Promise<void> {
  const { params, signal } = context;
  const home = homeOf(target, context);
  const report = (name: DrillName, { state, evidence }: Answer) => {
    const { id, title, severity } = drills[name];
    context.finding({ probe: id, title, target: target.name, state, severity, evidence, waivedUntil: null });
    context.event('drill', target, `${id} ${name}: ${state}: ${evidence}`);
  };
  for (const name of params.drills) {
    if (name === 'throttle' || name === 'alert') continue;
    signal.throwIfAborted();
    report(name, await answered(() => practiseOne(name, target, home, context), context));
  }
  const asked = { throttle: able('throttle', context), alert: able('alert', context) };
  signal.throwIfAborted();
  const both = asked.throttle || asked.alert ? await abused(target, home, asked, context) : { throttle: null, alert: null };
  for (const name of ['throttle', 'alert'] as const)
    if (params.drills.includes(name)) report(name, both[name] ?? answer('inconclusive', lacking(name, params)));
  context.outcome(target, 'practised');
}

function able(name: DrillName, { params }: Context): boolean {
  return params.drills.includes(name) && lacking(name, params) === null;
}

async function abused(target: Target, home: Home, asked: { readonly throttle: boolean; readonly alert: boolean }, context: Context) {
  let both: Awaited<ReturnType<typeof abuse>> | null = null;
  const failed = await answered(async () => {
    both = await abuse(target, home, asked, context);
    return answer('holds');
  }, context);
  return both ?? { throttle: asked.throttle ? failed : null, alert: asked.alert ? failed : null };
}

async function practiseOne(name: Exclude<DrillName, 'throttle' | 'alert'>, target: Target, home: Home, context: Context): Promise<Answer> {
  const { params } = context;
  const reason = lacking(name, params);
  // what can be searched is searched all the same
  if (reason !== null && name !== 'no-export') return answer('inconclusive', reason);
  switch (name) {
    case 'theft':
      return theft(target, home, context);
    case 'backup':
      return backup(target, home, context);
    case 'no-export':
      return noExport(target, home, context);
    case 'ledger':
      return ledger(target, context);
    case 'cut':
      return params.cut === undefined ? answer('inconclusive', reason) : cutRight(target, home, params.cut, context);
    default:
      return name satisfies never;
  }
}

/** CA-1: with what `steal` says and no more. */
async function theft(target: Target, home: Home, context: Context): Promise<Answer> {
  const { volumes = [], environment = true, secrets = false } = context.params.steal ?? {};
  const wanted = [...placesOf(target, volumes)].map(([from, path]) => ({ from, path }));
  const loot = [
    ...volumes.map((name) => `volume ${name}`),
    'the image',
    ...(environment ? ['its environment'] : []),
    ...(secrets ? ['its secret files'] : []),
  ];
  const judged = await restored(target, home, wanted, { environment, secrets }, `with ${loot.join(', ')},`, context);
  if (judged.readable !== null) context.measure('records_readable_by_thief', target, judged.readable);
  return judged;
}

/** CA-7: a backup goes back to where all is that the target has, so that only the anchor makes the difference. */
async function backup(target: Target, home: Home, context: Context): Promise<Answer> {
  const { params } = context;
  const stands = params.backup?.volumes ?? {};
  const wanted = [...placesOf(target, params.steal?.volumes ?? [])].map(([name, path]) => ({ from: stands[name] ?? name, path }));
  return restored(
    target,
    home,
    wanted,
    { environment: true, secrets: true },
    `restored from ${wanted.map(({ from }) => from).join(', ')},`,
    context,
  );
}

async function restored(
  target: Target,
  home: Home,
  wanted: Parameters<typeof steal>[0],
  given: { readonly environment: boolean; readonly secrets: boolean },
  what: string,
  context: Context,
): Promise<Judged> {
  await using scene = await openScene(target, context);
  const haul = await steal(wanted, context);
  try {
    return judgeTrial(await tryOut(target, home, scene, { haul, ...given }, context), what);
  } finally {
    await haul.remove();
  }
}

/** That one drill could not be carried out is no answer, and no reason to leave the others out. */
async function answered(work: () => Promise<Answer>, { signal }: Context): Promise<Answer> {
  try {
    return await work();
  } catch (error) {
    signal.throwIfAborted();
    if (isUnknown(error)) return answer('inconclusive', error.message);
    throw error;
  }
}
