import type { Target } from '../../domain/target.ts';
import type { Context } from './context.ts';
import { type Home, patiently } from './operate.ts';
import type { Scene } from './scene.ts';
import type { Haul } from './stolen.ts';
import { type CloneRan, operateInClone } from './thief.ts';

/** The same copies, once without the anchor and once with it. */
export interface Trial {
  /** Records that the target itself could read: the least and the most, as it may take and give meanwhile. */
  readonly home: { readonly least: number; readonly most: number };
  readonly thief: CloneRan;
  /** The same clone where the anchor is. */
  readonly control: CloneRan;
  /** The control needed the files at /run/secrets, which the thief has not. */
  readonly controlHadSecrets: boolean;
  /** Addresses of the anchor that answered where the thief was. */
  readonly reachableAway: readonly string[];
  /** And where the control was. */
  readonly reachableHome: readonly string[];
}

export async function tryOut(
  target: Target,
  home: Home,
  scene: Scene,
  loot: { readonly haul: Haul; readonly environment: boolean; readonly secrets: boolean },
  context: Context,
): Promise<Trial> {
  const before = await home.read();
  const [reachableAway, reachableHome] = await Promise.all([scene.reachableAway(), scene.reachableHome()]);
  // first without: what the other one may leave in the copies must not help it
  const thief = await operateInClone(target, loot, scene.away, context);
  const isWhole = ({ exitCode, count }: CloneRan) => exitCode === 0 && count !== null && count >= before;
  const again = (secrets: boolean) => patiently(() => operateInClone(target, { ...loot, secrets }, scene.home, context), isWhole, context);
  let control = await again(loot.secrets);
  let controlHadSecrets = loot.secrets;
  const hasSecrets = target.inspect.Mounts.some(
    ({ Type, Destination }) => Type === 'bind' && /^\/(var\/)?run\/secrets(\/|$)/.test(Destination),
  );
  if (!isWhole(control) && !controlHadSecrets && hasSecrets) {
    control = await again(true);
    controlHadSecrets = true;
  }
  const after = control.count === before ? before : await home.read(control.count ?? 1);
  return {
    home: { least: Math.min(before, after), most: Math.max(before, after) },
    thief,
    control,
    controlHadSecrets: controlHadSecrets && !loot.secrets,
    reachableAway,
    reachableHome,
  };
}
