import type { ContainerInspect } from '../domain/engine.ts';
import type { Answer, Seen } from './probe.ts';
import { holds, inconclusive } from './probe.ts';

/** What the engine was asked for; what a dummy must have as its original has it. */
const declared = [
  'CapAdd',
  'CapDrop',
  'SecurityOpt',
  'ReadonlyRootfs',
  'UsernsMode',
  'Runtime',
  'MaskedPaths',
  'ReadonlyPaths',
  'GroupAdd',
  'CgroupnsMode',
] as const;
/** What the kernel says of the first process, that only the engine can set. */
const bounds = ['CapBnd', 'Seccomp'] as const;
/** What a process may give up by itself after its start. */
const own = ['Uid', 'Gid', 'Groups', 'CapInh', 'CapPrm', 'CapEff', 'CapAmb', 'NoNewPrivs'] as const;

/**
 * Whether what was seen in the dummy speaks for the original: compared by what the API says and by `/proc/1/status`. What the original's own
 * process gave up after its start is said, and is no difference; what it has and the dummy has not would hide a weakness.
 */
export function compare(original: ContainerInspect, seen: Seen | null, dummy: ContainerInspect, dummySeen: Seen | null): Answer {
  const different = declared
    .filter((key) => text(original.HostConfig[key]) !== text(dummy.HostConfig[key]))
    .map((key) => `HostConfig.${key}`);
  if (original.Config.User !== dummy.Config.User) different.push('Config.User');
  if (original.Image !== dummy.Image) different.push('Image');
  const unseen = seen === null || seen.status.CapBnd === undefined;
  if (unseen || dummySeen === null) {
    const which = unseen ? 'original' : 'dummy';
    if (seen === null && original.State.Status === 'created' && different.length === 0)
      return holds('same image, user and confinement by the API; there is no running original to compare with');
    return inconclusive(
      `the ${which}’s first process could not be read${different.length > 0 ? `, and ${different.join(', ')} differ` : ''}`,
    );
  }
  for (const key of bounds) {
    if (seen.status[key] !== dummySeen.status[key]) different.push(`${key} ${seen.status[key] ?? '?'} and ${dummySeen.status[key] ?? '?'}`);
  }
  if (more(seen, dummySeen)) different.push('the original has capabilities that its dummy has not');
  if (different.length > 0)
    return inconclusive(`dummy and original differ, so what the dummy shows may not hold for the original: ${different.join(', ')}`);
  const given = own.filter((key) => seen.status[key] !== dummySeen.status[key]);
  const dropped = given.map((key) => `${key} ${seen.status[key] ?? '?'} in place of ${dummySeen.status[key] ?? '?'}`);
  return holds(
    `same image, user, capabilities, seccomp and security options, by the API and by /proc/1/status${dropped.length > 0 ? `; the original’s process has since taken ${dropped.join(', ').replaceAll(/\s+/g, ' ')}` : ''}`,
  );
}

function more(seen: Seen, dummySeen: Seen): boolean {
  const bits = (status: string | undefined) => BigInt(`0x${status ?? '0'}`);
  return (bits(seen.status.CapEff) & ~bits(dummySeen.status.CapEff)) !== 0n;
}

/** Null, an empty list and a missing value are the same to the engine. */
function text(value: unknown): string {
  if (value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0)) return '';
  return JSON.stringify(Array.isArray(value) ? value.toSorted() : value);
}
