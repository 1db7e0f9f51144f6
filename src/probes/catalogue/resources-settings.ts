import type { ContainerInspect } from '../../domain/engine/containers.ts';
import { type Answer, broken, type Facts, holds, inconclusive, notApplicable, type Probe, type StepResult } from '../probe.ts';
import { errnoOf, fromStep } from '../read.ts';

/** The most open files that Docker gives where its own unit does not say infinity. */
const mostFiles = 1_048_576;

export const settings: readonly Probe[] = [
  {
    id: 'RES-03',
    group: 'resources',
    title: 'Swap does not widen its memory',
    attempt: 'Reads from the API its limits of memory and of memory and swap.',
    severity: 'low',
    safety: 'read-only',
    reading: 'A limit with swap that is not the limit without is broken; without a limit of memory it does not apply (RES-02).',
    control: 'The API gives both, and the engine says that it can limit swap.',
    judge: ({ inspect, host }) => {
      const memory = Number(inspect.HostConfig.Memory ?? 0);
      const both = Number(inspect.HostConfig.MemorySwap ?? 0);
      if (memory <= 0) return notApplicable('it has no limit of memory that swap could widen');
      if (both !== memory)
        return broken(
          both < 0
            ? 'it may swap without limit'
            : `it may have ${mib(both === 0 ? memory * 2 : both)} with swap, and ${mib(memory)} without`,
        );
      if (host.daemon.SwapLimit === false) return inconclusive('the engine says that it cannot limit swap');
      return holds(`${mib(memory)} with and without swap`);
    },
    weakness: { in: 'unbounded' },
  },
  {
    id: 'RES-05',
    group: 'resources',
    title: 'It writes no cores, and its open files are bounded',
    attempt: 'Reads its ulimits in the dummy and from the API.',
    severity: 'low',
    safety: 'read-only',
    reading: `A core size beyond 0 is broken: a core holds what was in memory. So are open files without limit or beyond ${mostFiles}.`,
    control: 'All three could be read.',
    steps: () => [{ name: 'ulimits', run: 'echo "core $(ulimit -c)"; echo "files $(ulimit -n)"; echo "processes $(ulimit -u)"' }],
    judge: (facts) => {
      const declared = declaredOf(facts.inspect);
      if (facts.unattempted !== null) {
        if (declared.core !== null && declared.core !== 0) return broken(`the API says that it may write cores (${declared.core})`);
        return inconclusive(facts.unattempted);
      }
      return fromStep(facts, 'ulimits', ({ output }) => {
        const [core, files, processes] = ['core', 'files', 'processes'].map(
          (name) => new RegExp(`^${name} (\\d+|unlimited)$`, 'm').exec(output)?.[1],
        );
        if (core === undefined || files === undefined || processes === undefined) return inconclusive('its ulimits could not be read');
        const seen = `core ${core}, open files ${files}, processes ${processes}`;
        const wrong = [
          ...(core === '0' ? [] : [`it may write cores (${core})`]),
          ...(files === 'unlimited' || Number(files) > mostFiles ? [`it may open ${files} files`] : []),
        ];
        const answer = wrong.length > 0 ? broken(wrong.join(', ')) : holds(seen);
        if (declared.core !== 0 || core === '0') return answer;
        return { ...answer, disagreement: `the API says that it may write no cores, and the kernel allows ${core}` };
      });
    },
    weakness: { in: 'limitless' },
  },
  {
    id: 'RES-06',
    group: 'resources',
    title: 'Its logs are bounded',
    attempt: 'Reads from the API its log driver and the driver’s options.',
    severity: 'medium',
    safety: 'read-only',
    reading: 'The driver json-file without `max-size` is broken; `local`, which bounds itself, drivers that send away and `none` hold.',
    control: 'The API names the driver.',
    judge: ({ inspect }) => {
      const { Type = '', Config } = (inspect.HostConfig.LogConfig ?? {}) as {
        Type?: string;
        Config?: Readonly<Record<string, string>> | null;
      };
      const size = Config?.['max-size'] ?? '';
      const bounded = /^\d/.test(size) && Number.parseFloat(size) > 0;
      const said = `${Type}, max-size ${size === '' ? 'not given' : size}, max-file ${Config?.['max-file'] ?? 'not given'}`;
      if (Type === 'json-file') return bounded ? holds(said) : broken(`${said}: what it logs can fill the host’s disk`);
      if (Type === 'local')
        return size === '' || bounded ? holds(`${said}: it keeps 5 files of 20 MB where nothing else is given`) : broken(said);
      if (Type === 'none') return holds('nothing of its logs is kept');
      if (remote.includes(Type)) return holds(`${Type}: the engine keeps none of its logs itself`);
      return inconclusive(Type === '' ? 'the API names no driver' : `what the driver ${Type} keeps is not known`);
    },
    weakness: { in: 'unbounded' },
  },
  {
    id: 'RES-07',
    group: 'resources',
    title: 'The disk that it can fill is bounded',
    attempt: 'Reads from the API the bounds of its layer and volumes; in the dummy reserves 64 MiB in its layer and gives them back.',
    severity: 'medium',
    safety: 'dummy-only',
    reading:
      'A writable volume or folder of the host without a size is broken, and 64 MiB in a layer without one. A read-only root holds, and so does a layer with a size, by the API.',
    control: 'The kernel refuses the file because the file system is read-only (EROFS), not because of who asks.',
    steps: () => [
      {
        name: 'reserve',
        // where its user may write and its layer is: tmpfs and volumes are told by their own
        run: [
          'o=none; d=$($B stat -c %d /)',
          'for f in / /tmp /var/tmp "$HOME" "$PWD"; do [ -n "$f" ] && [ -d "$f" ] && [ "$($B stat -c %d "$f")" = "$d" ] || continue',
          // biome-ignore-start lint/suspicious/noTemplateCurlyInString: it is the shell's
          'w="${f%/}/.probe-disk"; o=$({ $B fallocate -l 67108864 "$w" || $B dd if=/dev/zero of="$w" bs=1M count=64; } 2>&1); r=$?',
          'k=$($B du -k "$w" 2>/dev/null | $B cut -f1); $B rm -f "$w"; echo "$f $r ${k:-0} ${o##*: }"; [ $r -eq 0 ] && exit 0; done; exit 1',
          // biome-ignore-end lint/suspicious/noTemplateCurlyInString: it is the shell's
        ].join('; '),
        seconds: 5,
      },
    ],
    judge: (facts) => {
      const { HostConfig } = facts.inspect;
      const open = unboundedMounts(facts.inspect);
      if (open.length > 0) return broken(`it may write without bound at ${open.join(', ')}`);
      const size = ((HostConfig.StorageOpt ?? {}) as Readonly<Record<string, string>>).size;
      const result = facts.step('reserve');
      if (size !== undefined && size !== '')
        return holds(`the API bounds its layer to ${size}; a dummy has no such bound, so it was not tried`);
      if (facts.unattempted !== null)
        return HostConfig.ReadonlyRootfs === true
          ? inconclusive(`the API says that its root is read-only, and ${facts.unattempted}`)
          : broken('the API says that its layer is writable and has no size');
      if (result === null) return fromStep(facts, 'reserve', () => inconclusive('nothing was tried'));
      return ofLayer(facts, result);
    },
    weakness: { in: 'limitless' },
  },
];

const remote = ['syslog', 'journald', 'gelf', 'fluentd', 'awslogs', 'splunk', 'gcplogs', 'logentries', 'etwlogs'];

function ofLayer({ inspect }: Facts, { output, exitCode }: StepResult): Answer {
  const readOnly = inspect.HostConfig.ReadonlyRootfs === true;
  if (exitCode === 0) {
    const answer = broken('64 MiB could be had in its layer, which has no size');
    return readOnly ? { ...answer, disagreement: 'the API says that its root is read-only, and a file could be written in it' } : answer;
  }
  const errnos = output
    .split('\n')
    .filter((line) => line !== '')
    .map(errnoOf);
  if (errnos.length > 0 && errnos.every((errno) => errno === 'EROFS'))
    return holds('its layer is read-only (EROFS), and nothing else is writable without bound');
  if (readOnly) return inconclusive('the API says that its root is read-only, and the kernel refused a file for another reason');
  if (errnos.includes('ENOSPC'))
    return inconclusive('there is no room for 64 MiB, and no bound that would say why: the host’s disk may be full');
  if (errnos.every((errno) => errno === 'EACCES' || errno === 'EPERM'))
    return broken('its layer has no size; where it was tried its user may not write (EACCES), but root could, and its user elsewhere');
  return inconclusive(`its answer is none that is known: exit ${exitCode}`);
}

/** Volumes and folders of the host that it may write and that have no size of their own. */
function unboundedMounts({ Mounts, HostConfig }: ContainerInspect): string[] {
  const sized = (HostConfig.Mounts ?? []).filter(hasSize).map(({ Target }) => Target);
  return Mounts.filter(({ Type, RW, Destination }) => ['volume', 'bind'].includes(Type) && RW && !sized.includes(Destination)).map(
    ({ Destination }) => Destination,
  );
}

/** `type=tmpfs,o=size=10m` and the like, given to the volume's driver with the container. */
function hasSize(mount: Readonly<Record<string, unknown>>): boolean {
  const volume = mount.VolumeOptions as { DriverConfig?: { Options?: Readonly<Record<string, string>> | null } | null } | null | undefined;
  const options = volume?.DriverConfig?.Options ?? {};
  return (options.size ?? '') !== '' || /(^|,)size=/.test(options.o ?? '');
}

/** Soft limit of cores in the API, -1 for none; null where it does not say. */
function declaredOf({ HostConfig }: ContainerInspect): { readonly core: number | null } {
  const all = (HostConfig.Ulimits ?? []) as readonly { readonly Name: string; readonly Soft: number }[];
  return { core: all.find(({ Name }) => Name === 'core')?.Soft ?? null };
}

function mib(bytes: number): string {
  return `${Math.round(bytes / 1024 / 1024)} MiB`;
}
