import type { SecretInspect } from '../../../../domain/engine/swarm.ts';

/** On every version that we made: the name without its version. */
export const secretLabel = 'pitwall.secret';

/** On every version that we made: the run. While that run's rotation is under way the version carries `pitwall.run` as well. */
export const rotationLabel = 'pitwall.rotation';

/** `api_token_v3` is version 3 of `api_token`; what has no version is its first. */
export function baseOf(name: string): { readonly base: string; readonly version: number } {
  const found = /^(.+?)_v([1-9]\d{0,5})$/.exec(name);
  return found === null ? { base: name, version: 1 } : { base: found[1] as string, version: Number(found[2]) };
}

/** All that may be a version of the secret that a drill names: it by its name, and what we made of it. */
export function versionsOf(name: string, all: readonly SecretInspect[]): SecretInspect[] {
  const { base } = baseOf(name);
  return all.filter(({ Spec }) => Spec.Name === name || Spec.Name === base || Spec.Labels?.[secretLabel] === base);
}

/** Room for the version in the 64 characters that Swarm allows. */
const longestStem = 56;

/** `api_token_v4`, one more than any name that there is. Two rotations at once choose the same, and only one of them gets it. */
export function nextName(name: string, all: readonly SecretInspect[]): string {
  const stem = baseOf(name).base.slice(0, longestStem);
  const versions = all.map(({ Spec }) => baseOf(Spec.Name)).filter(({ base }) => base === stem);
  return `${stem}_v${Math.max(1, ...versions.map(({ version }) => version)) + 1}`;
}
