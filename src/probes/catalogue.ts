import { filesystem } from './catalogue/filesystem.ts';
import { image } from './catalogue/image.ts';
import { network } from './catalogue/network.ts';
import { privilege } from './catalogue/privilege.ts';
import { resources } from './catalogue/resources.ts';
import { secrets } from './catalogue/secrets.ts';
import { groups, type Probe } from './probe.ts';
import { filesystemWeak } from './weak/filesystem.ts';
import { imageWeak } from './weak/image.ts';
import { networkWeak } from './weak/network.ts';
import { privilegeWeak } from './weak/privilege.ts';
import { resourcesWeak } from './weak/resources.ts';
import { secretsWeak } from './weak/secrets.ts';
import type { WeakDummy } from './weak/weak-dummy.ts';

/** Every probe, in the order of the groups. */
export const catalogue: readonly Probe[] = [...privilege, ...filesystem, ...network, ...resources, ...secrets, ...image];

export const weakDummies: readonly WeakDummy[] = [
  ...privilegeWeak,
  ...filesystemWeak,
  ...networkWeak,
  ...resourcesWeak,
  ...secretsWeak,
  ...imageWeak,
];

/** What `params.probes` may name: groups and ids. */
export function isProbeName(name: string): boolean {
  return (groups as readonly string[]).includes(name) || catalogue.some((probe) => probe.id === name);
}

/** Those that are named, by group or id, without those of `except`; without names, all that stay on the host. */
export function chosen(names: readonly string[] | null, except: readonly string[]): readonly Probe[] {
  const named = (probe: Probe, list: readonly string[]) => list.includes(probe.id) || list.includes(probe.group);
  // a whole group does not mean that its packets may leave: that is said by the outside that is given, or by the id
  return catalogue.filter((probe) => (names === null ? probe.safety !== 'may-leave-host' : named(probe, names)) && !named(probe, except));
}
