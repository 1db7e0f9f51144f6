import type { ContainerInspect } from '../../domain/engine/containers.ts';
import { quotaOf, triedCpus, triedMemory, triedPids } from '../dummy-spec.ts';
import { broken, holds, inconclusive, type Probe } from '../probe.ts';
import { fromStep } from '../read.ts';

const MiB = 1024 * 1024;

export const limits: readonly Probe[] = [
  {
    id: 'RES-01',
    group: 'resources',
    title: 'The limit of processes bites',
    attempt:
      'Reads the limit from the API; in a dummy with that limit starts processes until one is refused, at most 50 beyond it. A limit above 450 is tried by one of 128. Never where there is none.',
    severity: 'high',
    safety: 'dummy-only',
    reading: 'No limit is broken. EAGAIN before the limit is passed holds; more processes than it allows are broken.',
    control:
      'Some processes could be started before the first was refused. A greater limit is never taken at its word: a smaller one is seen to bite.',
    alone: 'pids',
    steps: ({ inspect }) => {
      const limit = triedPids(pidsOf(inspect));
      if (limit <= 0) return [];
      return [
        {
          name: 'fork',
          seconds: 15,
          // nothing but builtins once it fills up; what reads its output must have been started before
          run: `p=; i=0; trap 'echo "started $i"; kill $p' EXIT; $B sleep 0.3; while [ $i -lt ${limit + 50} ]; do $B sleep 10 & p="$p $!"; i=$((i+1)); done; echo all`,
        },
      ];
    },
    judge: (facts) => {
      const limit = pidsOf(facts.inspect);
      if (limit <= 0) return broken('the API says that its processes are not limited: one fork bomb takes the host');
      if (facts.unattempted !== null) return inconclusive(`the API says ${limit}, and ${facts.unattempted}`);
      const tried = triedPids(limit);
      return fromStep(facts, 'fork', ({ output }) => {
        const started = Number(/started (\d+)/.exec(output)?.[1] ?? Number.NaN);
        if (/^all$/m.test(output) || started > tried)
          return {
            ...broken(`${started} processes beside its own could be started with a limit of ${tried}`),
            disagreement: `the API says that it may have ${limit} processes, and ${notBiting(tried < limit, String(tried))}`,
          };
        if (!/can't fork: Resource temporarily unavailable/.test(output) || Number.isNaN(started))
          return inconclusive('it ended otherwise than by a refused process');
        if (started === 0) return inconclusive('not one process could be started: something else refused');
        const bites = `after ${started} processes one more is refused (EAGAIN, limit ${tried})`;
        return holds(tried < limit ? `the API says ${limit}; a limit of ${tried} was seen to bite in the dummy: ${bites}` : bites);
      });
    },
    weakness: { in: 'limitless' },
  },
  {
    id: 'RES-02',
    group: 'resources',
    title: 'The limit of memory bites',
    attempt:
      'Reads the limit from the API; in a dummy with that limit fills 64 MiB more than it. A limit above 512 MiB is tried by one of 256 MiB.',
    severity: 'high',
    safety: 'dummy-only',
    reading:
      'No limit is broken. The kernel’s kill, counted by it, holds; memory beyond the limit is broken. An end by time or without that count is inconclusive.',
    control: 'The same program may fill 1 MiB. A greater limit is never taken at its word: a smaller one is seen to bite.',
    alone: 'memory',
    steps: ({ inspect }) => {
      const limit = triedMemory(memoryOf(inspect));
      if (limit <= 0) return [];
      const counted = '$B cat /sys/fs/cgroup/memory/memory.oom_control /sys/fs/cgroup/memory.events 2>/dev/null | $B grep "^oom_kill "';
      return [
        { name: 'control', run: '$B dd if=/dev/zero of=/dev/null bs=1M count=1' },
        {
          name: 'fill',
          seconds: 15,
          run: `${counted} | $B sed s/^/before_/; $B dd if=/dev/zero of=/dev/null bs=${limit + 64 * MiB} count=1; r=$?; ${counted}; exit $r`,
        },
      ];
    },
    judge: (facts) => {
      const limit = memoryOf(facts.inspect);
      if (limit <= 0) return broken('the API says that its memory is not limited: one leak takes the host’s');
      const said = sized(limit);
      if (facts.unattempted !== null) return inconclusive(`the API says ${said}, and ${facts.unattempted}`);
      const tried = triedMemory(limit);
      return fromStep(facts, 'fill', ({ exitCode, output }) => {
        if (exitCode === 0)
          return {
            ...broken(`64 MiB more than its limit of ${sized(tried)} could be filled`),
            disagreement: `the API says that it may have ${said}, and ${notBiting(tried < limit, sized(tried))}`,
          };
        const [before, after] = [/^before_oom_kill (\d+)/m.exec(output)?.[1], /^oom_kill (\d+)/m.exec(output)?.[1]];
        if (exitCode !== 137) return inconclusive(`it failed otherwise than by the kernel’s kill: exit ${exitCode}`);
        if (after === undefined || Number(after) <= Number(before ?? 0))
          return inconclusive('it was killed, and the kernel does not count that as out of memory');
        const bites = `beyond ${sized(tried)} the kernel kills it (oom_kill ${after})`;
        return holds(tried < limit ? `the API says ${said}; a limit of ${sized(tried)} was seen to bite in the dummy: ${bites}` : bites);
      });
    },
    weakness: { in: 'limitless' },
  },
  {
    id: 'RES-04',
    group: 'resources',
    title: 'The limit of CPU time bites',
    attempt:
      'Reads the limit from the API; in a dummy with that limit runs loops until they are throttled, for some seconds at most, and reads what they got. A limit above two CPUs is tried by one of one.',
    severity: 'medium',
    safety: 'dummy-only',
    reading:
      'Neither quota nor a choice of CPUs is broken; shares alone too, which bound nothing while the others are idle. Throttled and within the quota holds; more than half above it is broken; not throttled and below it is inconclusive: the host was busy.',
    control:
      'The loops got so much that the limit had to act: the kernel counts throttled periods. A greater limit is never taken at its word: a smaller one is seen to bite.',
    alone: 'cpu',
    steps: ({ inspect }) => {
      const quota = quotaOf(inspect);
      if (quota === null) return [];
      const cpus = triedCpus(quota);
      const loops = Array.from({ length: Math.floor(cpus) + 1 }, () => '(while :; do :; done) & p="$p $!"').join('; ');
      const throttled = `for f in ${cpuStats}; do [ -r $f ] && $B grep '^nr_throttled ' $f && break; done`;
      const used = `for f in ${cpuStats}; do [ -r $f ] && $B grep '^usage_usec ' $f && break; done; for f in ${cpuUsages}; do [ -r $f ] && echo "usage_nsec $($B cat $f)" && break; done`;
      const look = `echo "uptime $($B cut -d' ' -f1 /proc/uptime)"; throttled`;
      // a busy host may take a while to give them so much that the limit acts
      const run = [
        `throttled() { ${throttled}; }; look() { ${used}; ${look}; }; before=$(throttled); look`,
        `p=; ${loops}`,
        'for n in 1 2 3 4 5; do $B sleep 0.7; [ "$(throttled)" != "$before" ] && break; done',
        'look; kill $p',
      ];
      return [{ name: 'burn', seconds: 10, run: run.join('; ') }];
    },
    judge: (facts) => {
      const { HostConfig } = facts.inspect;
      const quota = quotaOf(facts.inspect);
      const chosen = (HostConfig.CpusetCpus ?? '') as string;
      if (quota === null) {
        if (chosen !== '' && cpusIn(chosen) < facts.host.info.cpus)
          return holds(`the API says that it may run on CPUs ${chosen} alone, of ${facts.host.info.cpus}`);
        const shares = Number(HostConfig.CpuShares ?? 0);
        return broken(
          shares > 0
            ? `it has shares (${shares}) and no limit: while the others are idle it takes all CPUs`
            : 'the API says that its CPU time is not limited',
        );
      }
      const said = sizedCpus(quota);
      if (facts.unattempted !== null) return inconclusive(`the API says ${said}, and ${facts.unattempted}`);
      if (quota >= facts.host.info.cpus) return inconclusive(`the API says ${said}, which is all that this host has: it cannot bite here`);
      const tried = triedCpus(quota);
      const smaller = tried < quota ? `the API says ${said}; a limit of ${sizedCpus(tried)} was tried in the dummy: ` : '';
      return fromStep(facts, 'burn', ({ output }) => {
        const got = usedOf(output);
        if (got === null) return inconclusive('what the loops got could not be read: this container has no view of its cgroup');
        const used = `${smaller}its loops got ${got.cpus.toFixed(2)} CPUs of ${sizedCpus(tried)}`;
        if (got.cpus > tried * 1.5)
          return {
            ...broken(used),
            disagreement: `the API says that it may have ${said}, and ${tried < quota ? `a dummy with ${sizedCpus(tried)}` : 'it'} was given ${got.cpus.toFixed(2)} by the kernel`,
          };
        if (got.throttled > 0) return holds(`${used}, and were throttled in ${got.throttled} periods`);
        return inconclusive(`${used}, and were not throttled: the host was too busy for the limit to act`);
      });
    },
    weakness: { in: 'limitless' },
  },
];

const cpuStats = '/sys/fs/cgroup/cpu.stat /sys/fs/cgroup/cpu/cpu.stat /sys/fs/cgroup/cpu,cpuacct/cpu.stat';
const cpuUsages = '/sys/fs/cgroup/cpuacct/cpuacct.usage /sys/fs/cgroup/cpu,cpuacct/cpuacct.usage';

/** The kernel's side of a limit that does not bite. */
function notBiting(smaller: boolean, tried: string): string {
  return smaller ? `not even a limit of ${tried} bites in its dummy` : 'the kernel lets it have more';
}

function sizedCpus(cpus: number): string {
  return `${Number(cpus.toFixed(2))} CPUs`;
}

/** `256 MiB`, `2 GiB`. */
function sized(bytes: number): string {
  const GiB = bytes / (1024 * MiB);
  return GiB >= 1 && Number.isInteger(GiB) ? `${GiB} GiB` : `${Math.round(bytes / MiB)} MiB`;
}

function pidsOf({ HostConfig }: ContainerInspect): number {
  return Number(HostConfig.PidsLimit ?? 0);
}

function memoryOf({ HostConfig }: ContainerInspect): number {
  return Number(HostConfig.Memory ?? 0);
}

/** `0-2,5` are four. */
function cpusIn(list: string): number {
  return list.split(',').reduce((sum, part) => {
    const [from = 0, to = from] = part.split('-').map(Number);
    return sum + to - from + 1;
  }, 0);
}

/** Between the two looks. Cgroup v2 counts µs, v1 ns. */
function usedOf(output: string): { readonly cpus: number; readonly throttled: number } | null {
  const span = (name: string) => {
    const [first, last] = [...output.matchAll(new RegExp(`^${name} ([\\d.]+)$`, 'gm'))].map(([, value]) => Number(value));
    return first === undefined || last === undefined ? null : last - first;
  };
  const [us, ns, seconds, throttled] = [span('usage_usec'), span('usage_nsec'), span('uptime'), span('nr_throttled')];
  const busy = us !== null ? us / 1e6 : ns !== null ? ns / 1e9 : null;
  return busy === null || throttled === null || seconds === null || seconds <= 0 ? null : { cpus: busy / seconds, throttled };
}
