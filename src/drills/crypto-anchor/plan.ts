import { InvalidError, RefusedError } from '../../domain/errors.ts';
import type { Plan, PlanContext } from '../../domain/kind.ts';
import { labels, type Target } from '../../domain/target.ts';
import { drills, lacking } from './answers.ts';
import type { DrillName, Params, Place } from './params.ts';
import { findPlace, isOptedIn, placeName } from './place.ts';
import { placesOf } from './stolen.ts';

type Context = PlanContext<Params>;

/** These keep the target from its work for a while. */
const touching: readonly DrillName[] = ['cut', 'throttle', 'alert'];

/** @throws InvalidError for a volume or a place that nobody has; RefusedError for one that must be left alone, or is not opted in to be cut. */
export async function plan(context: Context): Promise<Plan> {
  const { params, targets } = context;
  for (const target of targets) {
    await checkPlaces(target, context);
    await checkVolumes(target, context);
  }
  const able = params.drills.filter((name) => lacking(name, params) === null);
  return {
    units: targets.map((target) => ({
      targets: [target],
      actions: params.drills.map((name) => `${drills[name].id} ${name}: ${actionOf(name, target, params)}`),
      untouched: !able.some((name) => touching.includes(name)),
    })),
    idle: [],
    notes: [
      ...params.drills.flatMap((name) => {
        const reason = lacking(name, params);
        return reason === null ? [] : [`${drills[name].id} will be inconclusive: ${reason}`];
      }),
      ...(params.drills.includes('theft')
        ? []
        : ['without theft records_readable_by_thief is not measured: the drill needs objectives of its own']),
    ],
  };
}

async function checkPlaces(target: Target, { engine, params }: Context): Promise<void> {
  if (params.anchor.address === undefined) await findPlace(engine, params.anchor, target, 'params.anchor');
  const asked = (name: DrillName) => params.drills.includes(name);
  const others: readonly (readonly [Place | undefined, string, boolean])[] = [
    [params.ledger?.in, 'params.ledger.in', asked('ledger')],
    [params.alert?.in, 'params.alert.in', asked('alert')],
    [params.export?.in, 'params.export.in', asked('no-export')],
    ...(params.cut?.others ?? []).map((other, index) => [other.in, `params.cut.others[${index}].in`, asked('cut')] as const),
  ];
  for (const [place, where, needed] of others) if (place !== undefined && needed) await findPlace(engine, place, target, where);
  if (params.cut === undefined || !asked('cut')) return;
  const where = params.cut.in === undefined ? 'params.anchor' : 'params.cut.in';
  const changed = await findPlace(engine, params.cut.in ?? params.anchor, target, where);
  const closed = changed.find((one) => !isOptedIn(one.labels));
  if (closed !== undefined)
    throw new RefusedError('not_opted_in', `params.cut changes ${closed.name}, which is not opted in (label ${labels.optIn})`, {
      hint: `label it ${labels.optIn}: crypto-anchor, or take cut out of params.drills`,
    });
}

async function checkVolumes(target: Target, { engine, params, signal }: Context): Promise<void> {
  if (params.steal === undefined || !params.drills.some((name) => name === 'theft' || name === 'backup')) return;
  const names = params.steal.volumes;
  const places = placesOf(target, names);
  const all = new Set((await engine.volumes({}, { signal })).map(({ name }) => name));
  const has = target.inspect.Mounts.flatMap(({ Type, Name }) => (Type === 'volume' && Name !== undefined ? [Name] : []));
  for (const [index, name] of names.entries()) {
    if (places.has(name)) continue;
    const what = all.has(name) ? `volume ${name} is not mounted in ${target.name}` : `there is no volume ${name}`;
    throw new InvalidError('unknown_volume', `params.steal.volumes[${index}]: ${what}`, {
      hint: has.length === 0 ? `${target.name} has no volumes` : `${target.name} has ${has.join(', ')}`,
    });
  }
  for (const [of, name] of Object.entries(params.backup?.volumes ?? {}))
    if (!all.has(name)) throw new InvalidError('unknown_volume', `params.backup.volumes.${of}: there is no volume ${name}`);
}

function actionOf(name: DrillName, { name: target }: Target, params: Params): string {
  const anchor = placeName(params.anchor);
  const volumes = (params.steal?.volumes ?? []).join(', ');
  switch (name) {
    case 'theft':
      return `copy ${volumes}, and read the copy in clones of ${target}: in a network of their own without ${anchor}, and with it`;
    case 'backup':
      return `restore a backup of ${volumes} in clones of ${target}, without ${anchor} and with it`;
    case 'no-export':
      return `ask for the key, and look for it in what ${target} has`;
    case 'ledger':
      return `read in ${target}, and count what ${anchor} wrote down`;
    case 'cut':
      return `cut the right of ${target}, see when it reads nothing any more, and give it back`;
    case 'throttle':
      return `ask for ${params.throttle?.operations ?? 'many'} operations in ${target}`;
    case 'alert':
      return 'wait for the alert on such a burst';
    default:
      return name satisfies never;
  }
}
