import { filesystem } from './catalogue/filesystem.ts';
import { image } from './catalogue/image.ts';
import { network } from './catalogue/network.ts';
import { privilege } from './catalogue/privilege.ts';
import { resources } from './catalogue/resources.ts';
import { secrets } from './catalogue/secrets.ts';
import type { Probe } from './probe.ts';
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

/**
 * Those that are named, by group or id, without those of `except`; without names, all. One that may leave the host is among them only by its id, or
 * where there is an outside for it.
 */
export function chosen(names: readonly string[] | null, except: readonly string[], outside: boolean): readonly Probe[] {
  const meant = (probe: Probe) => {
    if (names?.includes(probe.id) === true) return true;
    return (names === null || names.includes(probe.group)) && (outside || probe.safety !== 'may-leave-host');
  };
  return catalogue.filter((probe) => meant(probe) && !except.includes(probe.id) && !except.includes(probe.group));
}
