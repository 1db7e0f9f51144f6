import type { ContainerInspect } from '../domain/engine/containers.ts';
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
/** What a dummy has of its own on purpose, within Pitwall's bounds and outside the namespaces of others; where it differs that is said. */
const own = [
  'CpuPeriod',
  'CpuQuota',
  'CpuShares',
  'CpusetCpus',
  'DeviceCgroupRules',
  'DeviceRequests',
  'Devices',
  'Init',
  'IpcMode',
  'Memory',
  'MemorySwap',
  'NanoCpus',
  'NetworkMode',
  'OomScoreAdj',
  'PidMode',
  'PidsLimit',
  'ShmSize',
  'Sysctls',
  'Tmpfs',
  'UTSMode',
  'Ulimits',
] as const;
/** Of `/proc/1/status`, what confines a process. */
const confining = ['Uid', 'Gid', 'Groups', 'CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb', 'NoNewPrivs', 'Seccomp'] as const;

/**
 * Whether what was seen in the dummy speaks for the original: compared by what the API says and by `/proc/1/status`. What the original's own
 * process gave up after its start is said, and is no difference; what it has and the dummy has not would hide a weakness.
 */
export function compare(original: ContainerInspect, seen: Seen | null, dummy: ContainerInspect, dummySeen: Seen | null): Answer {
  const answer = compared(original, seen, dummy, dummySeen);
  const otherwise = own.filter((key) => text(original.HostConfig[key]) !== text(dummy.HostConfig[key]));
  return otherwise.length === 0
    ? answer
    : { ...answer, evidence: `${answer.evidence}; on purpose not as the original’s: ${otherwise.join(', ')}` };
}

function compared(original: ContainerInspect, seen: Seen | null, dummy: ContainerInspect, dummySeen: Seen | null): Answer {
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
  different.push(...freer(seen.status, dummySeen.status));
  if (different.length > 0)
    return inconclusive(`dummy and original differ, so what the dummy shows may not hold for the original: ${different.join(', ')}`);
  const changed = confining
    .filter((key) => seen.status[key] !== dummySeen.status[key])
    .map((key) => `${key} ${seen.status[key] ?? '?'} in place of ${dummySeen.status[key] ?? '?'}`.replaceAll(/\s+/g, ' '));
  const same = 'same image, user, capabilities, seccomp and security options, by the API and by /proc/1/status';
  return holds(
    changed.length === 0
      ? same
      : `same image, user and confinement by the API; the original’s process has since taken ${changed.join(', ')}`,
  );
}

type Status = Seen['status'];

/** In what the original is less confined than its dummy. */
function freer(original: Status, dummy: Status): string[] {
  const extra = (key: string) => (bits(original[key]) & ~bits(dummy[key])) !== 0n;
  const root = (status: Status) => /^0\s/.test(status.Uid ?? '');
  return [
    ...(['CapEff', 'CapPrm', 'CapBnd'] as const).filter(extra).map((key) => `${key} ${original[key] ?? '?'} and ${dummy[key] ?? '?'}`),
    ...(original.Seccomp === '0' && dummy.Seccomp !== '0' ? ['the original has no seccomp filter, and its dummy has one'] : []),
    ...(original.NoNewPrivs === '0' && dummy.NoNewPrivs === '1' ? ['the original can gain privileges, and its dummy cannot'] : []),
    ...(root(original) && !root(dummy) ? ['the original is root, and its dummy is not'] : []),
  ];
}

function bits(mask: string | undefined): bigint {
  return /^[0-9a-f]+$/.test(mask ?? '') ? BigInt(`0x${mask}`) : 0n;
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

/** Null, an empty list, nought and a missing value are the same to the engine. */
function text(value: unknown): string {
  if (value === undefined || value === null || value === '' || value === 0 || isEmpty(value)) return '';
  return JSON.stringify(Array.isArray(value) ? value.toSorted() : value);
}
