import { type Answer, broken, type Facts, holds, inconclusive, notApplicable, type Probe } from '../probe.ts';
import { errnoOf, fromStep, whole } from '../read.ts';
import { hasOwnKernel, marked, privilegedIs } from './confinement.ts';
import { judgeOpenings, openings, readOpenings } from './openings.ts';

const sysctls = ['/proc/sys/kernel/modprobe', '/proc/sys/vm/overcommit_memory', '/proc/sys/net/ipv4/ip_forward', '/proc/sysrq-trigger'];
/** As in moby's `oci/defaults.go`; what a kernel has not is absent. */
const masked = [
  '/proc/kcore',
  '/proc/keys',
  '/proc/timer_list',
  '/proc/latency_stats',
  '/proc/timer_stats',
  '/proc/sched_debug',
  '/proc/acpi',
  '/proc/asound',
  '/proc/scsi',
  '/sys/firmware',
];

/** The kernel's own files and devices. */
export const filesystemKernel: readonly Probe[] = [
  {
    id: 'FS-06',
    group: 'filesystem',
    title: 'The core pattern cannot be written',
    attempt: 'Opens /proc/sys/kernel/core_pattern for writing, and writes nothing.',
    severity: 'critical',
    safety: 'read-only',
    reading: 'An open file is broken: the kernel runs as root on the host what is written there. EROFS, EACCES and EPERM hold.',
    control: 'The file is there, and can be read.',
    steps: () => [
      { name: 'control', run: '$B cat /proc/sys/kernel/core_pattern >/dev/null' },
      { name: 'open', run: openings(['/proc/sys/kernel/core_pattern']) },
    ],
    judge: (facts) => privilegedIs(facts, 'the engine leaves /proc/sys to it') ?? judgeOpenings(facts, 'open', readonlyPaths(facts)),
    weakness: { in: 'open' },
  },
  {
    id: 'FS-07',
    group: 'filesystem',
    title: 'Settings of the kernel cannot be written',
    attempt: `Opens ${sysctls.join(', ')} for writing, and writes nothing.`,
    severity: 'high',
    safety: 'read-only',
    reading: 'An open file is broken. EROFS, EACCES and EPERM hold; files that the kernel has not are left out.',
    control: 'At least one of them is there.',
    steps: () => [{ name: 'open', run: openings(sysctls) }],
    judge: (facts) => privilegedIs(facts, 'the engine leaves /proc/sys to it') ?? judgeOpenings(facts, 'open', readonlyPaths(facts)),
    weakness: { in: 'open' },
  },
  {
    id: 'FS-08',
    group: 'filesystem',
    title: 'The helper for kernel events cannot be written',
    attempt: 'Opens /sys/kernel/uevent_helper for writing, and writes nothing.',
    severity: 'critical',
    safety: 'read-only',
    reading: 'An open file is broken: the kernel runs as root on the host what is written there. EROFS, EACCES and EPERM hold.',
    control: 'The file is there: a kernel without it is not applicable, though a read-only /sys would refuse to make it.',
    steps: () => [{ name: 'open', run: openings(['/sys/kernel/uevent_helper']) }],
    judge: (facts) => judgeOpenings(facts, 'open', []),
    weakness: { in: 'sysfs' },
  },
  {
    id: 'FS-09',
    group: 'filesystem',
    title: 'No cgroup’s release agent can be written',
    attempt: 'Looks for release_agent below /sys/fs/cgroup, and opens each for writing without writing.',
    severity: 'critical',
    safety: 'read-only',
    reading: 'An open file is broken: the kernel runs it as root on the host. None, or EROFS, EACCES and EPERM hold; cgroup v2 has none.',
    control: 'The same search finds the cgroup’s own list of processes.',
    steps: ({ mark }) => [
      { name: 'control', run: '[ -n "$($B find /sys/fs/cgroup -maxdepth 3 -name cgroup.procs 2>/dev/null)" ]' },
      { name: 'open', run: marked(mark, openings(['$($B find /sys/fs/cgroup -maxdepth 3 -name release_agent 2>/dev/null)'])) },
    ],
    judge: (facts) =>
      privilegedIs(facts, 'it may mount the host’s cgroups') ??
      fromStep(facts, 'open', (result) => {
        if (readOpenings(result.output).length > 0) return judgeOpenings(facts, 'open', []);
        if (facts.host.info.cgroupVersion === '2') return notApplicable('cgroup v2 has no release agent');
        return whole(holds('there is none in what it sees of the cgroups'), result);
      }),
    weakness: { in: 'cgroups' },
  },
  {
    id: 'FS-10',
    group: 'filesystem',
    title: 'What the engine masks of the kernel is masked',
    attempt: `Reads up to 64 bytes of, or lists, ${masked.join(', ')}, and keeps only how many there were.`,
    severity: 'medium',
    safety: 'read-only',
    reading: 'Anything in one of them is broken; nothing, or none there, holds. One that is refused but not masked is said.',
    control: 'Unmasked files of /proc have bytes when they are read in the same way.',
    steps: () => [
      { name: 'control', run: '[ "$($B head -c 64 /proc/version | $B wc -c)" -gt 0 ]' },
      {
        name: 'read',
        run: `for f in ${masked.join(' ')}; do if [ -d $f ]; then n=$($B ls -A $f | $B wc -l); else [ -e $f ] || { echo "$f absent"; continue; }; e=$( { $B head -c 64 $f >/dev/null; } 2>&1 ) || { echo "$f refused $e"; continue; }; n=$($B head -c 64 $f | $B wc -c); fi; $B grep -q " $f " /proc/self/mountinfo && m=masked || m=bare; echo "$f $m $n"; done`,
      },
    ],
    judge: maskedPaths,
    weakness: { in: 'open' },
  },
  {
    id: 'FS-11',
    group: 'filesystem',
    title: 'No block device can be opened',
    attempt:
      'Opens for reading, one byte at most, the block devices in /dev, and nodes for those of the host that it makes itself and removes.',
    severity: 'critical',
    safety: 'dummy-only',
    reading:
      'An open device is broken; EPERM and EACCES hold. A node that nodev refuses proves nothing, so a node for null must work in the same folder, or none can be made at all.',
    control: 'A node for null, made in the same folder, can be read; or none can be made for lack of CAP_MKNOD.',
    steps: ({ scratch }) => [{ name: 'open', run: blockDevices(scratch), bytes: 4_096 }],
    judge: (facts) =>
      privilegedIs(facts, 'the engine gives it every device') ?? fromStep(facts, 'open', (result) => whole(blocks(result.output), result)),
    weakness: { in: 'blocks' },
  },
  {
    id: 'FS-12',
    group: 'filesystem',
    title: 'It has no devices but the usual ones',
    attempt: 'Asks the API for Devices, DeviceCgroupRules and DeviceRequests, and lists the device nodes in /dev.',
    severity: 'medium',
    safety: 'read-only',
    reading: 'Any beyond those that every container has is broken, unless `allow.mounts` names its path.',
    control: 'The list has /dev/null.',
    steps: () => [{ name: 'list', run: '$B find /dev -xdev \\( -type c -o -type b \\) 2>/dev/null; true' }],
    judge: devices,
    weakness: { in: 'open' },
  },
];

function readonlyPaths({ inspect }: Facts): readonly string[] {
  return (inspect.HostConfig.ReadonlyPaths as readonly string[] | null | undefined) ?? [];
}

function maskedPaths(facts: Facts): Answer {
  if (hasOwnKernel(facts.inspect)) return notApplicable('its runtime has a kernel of its own, and these are not the host’s');
  const promised = (facts.inspect.HostConfig.MaskedPaths as readonly string[] | null | undefined) ?? [];
  return (
    privilegedIs(facts, 'the engine masks nothing for it') ??
    fromStep(facts, 'read', ({ output }) => {
      const all = [...output.matchAll(/^(\S+) (absent|refused|masked|bare)(.*)$/gm)].map(([, path = '', how = '', rest = '']) => ({
        path,
        how,
        rest,
      }));
      if (all.length < masked.length) return inconclusive('not all of them could be looked at');
      const open = all.filter(({ how, rest }) => (how === 'masked' || how === 'bare') && Number(rest) > 0).map(({ path }) => path);
      if (open.length > 0) {
        const answer = broken(`it can read ${open.join(', ')}`);
        const kept = open.filter((path) => promised.includes(path));
        return kept.length === 0
          ? answer
          : { ...answer, disagreement: `the API says that ${kept.join(', ')} is masked, and it can be read` };
      }
      const refused = all.filter(({ how }) => how === 'refused');
      const odd = refused.find(({ rest }) => !['EPERM', 'EACCES'].includes(errnoOf(rest) ?? ''));
      if (odd !== undefined) return inconclusive(`${odd.path} was refused for a reason that is not known`);
      const bare = all.filter(({ how }) => how === 'bare').map(({ path }) => path);
      const said = [
        `masked: ${
          all
            .filter(({ how }) => how === 'masked')
            .map(({ path }) => path)
            .join(', ') || 'none'
        }`,
        ...(bare.length > 0 ? [`not masked, and empty: ${bare.join(', ')}`] : []),
        ...(refused.length > 0 ? [`not masked, and refused by permission alone: ${refused.map(({ path }) => path).join(', ')}`] : []),
      ];
      return holds(said.join('; '));
    })
  );
}

/** Lines `place DIR`, `made N`, `open PATH`, `refused PATH why`. The folders of a device's node must not be nodev: a node for null shows it. */
function blockDevices(scratch: readonly string[]): string {
  const folders = ['/dev', '/', '/tmp', '/var/tmp', ...scratch.filter((path) => /^\/[\w./-]+$/.test(path))];
  return [
    'try() { e=$("$B" dd if="$1" of=/dev/null bs=1 count=1 2>&1) && echo "open $2" || echo "refused $2 $e"; }',
    'for d in $($B find /dev -xdev -type b 2>/dev/null | $B head -n 8); do try $d $d; done',
    'p=; why=',
    `for d in ${folders.join(' ')}; do n=$d/.pitwall-null; e=$($B mknod $n c 1 3 2>&1) || { why="$why $d:$e"; continue; }; $B head -c 1 $n >/dev/null 2>&1 && p=$d; $B rm -f $n; [ -n "$p" ] && break; why="$why $d:nodev"; done`,
    'if [ -z "$p" ]; then echo "noplace$why"; else echo "place $p"',
    `for b in $($B awk 'NR>2{print $1":"$2}' /proc/partitions | $B head -n 4) $($B cat /sys/block/*/dev 2>/dev/null | $B head -n 4) 7:0; do n=$p/.pitwall-block; $B mknod $n b \${b%:*} \${b#*:} 2>/dev/null && { try $n $b; $B rm -f $n; } || echo "refused $b mknod"; done; fi`,
    '$B grep ^CapEff: /proc/self/status',
  ].join('\n');
}

function blocks(output: string): Answer {
  const opened = [...new Set([...output.matchAll(/^open (\S+)/gm)].map(([, path]) => path ?? ''))];
  if (opened.length > 0) return broken(`it could open ${opened.join(', ')} (major:minor where it made the node itself)`);
  const refused = [...output.matchAll(/^refused (\S+) (.*)$/gm)].map(([, path = '', why = '']) => ({ path, errno: errnoOf(why) }));
  // a device that is not there answers so only to whom the cgroup lets through
  const through = refused.filter(({ errno }) => errno === 'ENXIO' || errno === 'ENODEV');
  const known = refused.filter(({ errno }) => errno === 'EPERM' || errno === 'EACCES');
  const place = /^place (\S+)/m.exec(output)?.[1];
  if (place !== undefined) {
    if (known.length > 0)
      return holds(
        `a node for null works in ${place}, and ${known.map(({ path, errno }) => `${path} is refused (${errno})`).join(', ')}${through.length > 0 ? `; of ${through.map(({ path }) => path).join(', ')} there is none` : ''}`,
      );
    return inconclusive('no block device is known here that could have been opened');
  }
  const mask = /CapEff:\s*([0-9a-f]{16})/.exec(output)?.[1];
  if (mask === undefined || !/^noplace/m.test(output)) return inconclusive('its capabilities could not be read');
  if ((BigInt(`0x${mask}`) & mknodBit) !== 0n) return inconclusive('it has CAP_MKNOD, but in no folder a node that works could be made');
  return refused.some(({ errno }) => errno !== 'EPERM' && errno !== 'EACCES')
    ? inconclusive('a block device in /dev was refused for a reason that is not known')
    : holds(
        `it has no CAP_MKNOD to make a node with${refused.length > 0 ? ', and those in /dev are refused by permission' : ', and there is none in /dev'}`,
      );
}

const mknodBit = 1n << 27n;
const usual = /^\/dev\/(full|null|random|tty|urandom|zero|ptmx|console|core|pts\/\d+|pts\/ptmx)$/;

function devices(facts: Facts): Answer {
  const { Devices, DeviceCgroupRules, DeviceRequests } = facts.inspect.HostConfig;
  const given = ((Devices ?? []) as readonly { readonly PathOnHost?: string; readonly PathInContainer?: string }[])
    .map(({ PathOnHost = '', PathInContainer = PathOnHost }) => [PathOnHost, PathInContainer] as const)
    .filter((paths) => !paths.some((path) => facts.allow.mounts.includes(path)))
    .map(([path]) => path);
  const rules = (DeviceCgroupRules ?? []) as readonly string[];
  const requests = ((DeviceRequests ?? []) as readonly unknown[]).length;
  const said = [
    ...(given.length > 0 ? [`Devices ${given.join(', ')}`] : []),
    ...(rules.length > 0 ? [`DeviceCgroupRules ${rules.join(', ')}`] : []),
    ...(requests > 0 ? [`${requests} DeviceRequests`] : []),
  ];
  if (said.length > 0) return broken(`the API says ${said.join('; ')}`);
  return (
    privilegedIs(facts, 'the engine gives it every device') ??
    fromStep(facts, 'list', (result) => {
      const paths = result.output.split('\n').filter((line) => line.startsWith('/'));
      if (!paths.includes('/dev/null')) return inconclusive('the list of its devices lacks /dev/null');
      const extra = paths.filter((path) => !usual.test(path) && !facts.allow.mounts.includes(path));
      if (extra.length === 0) return whole(holds(`it has the ${paths.length} usual ones`), result);
      const declared = ((Devices ?? []) as readonly unknown[]).length > 0;
      const answer = broken(`it has ${extra.slice(0, 8).join(', ')}`);
      return declared
        ? answer
        : { ...answer, disagreement: `the API says that it has no devices, and there is ${extra.slice(0, 8).join(', ')}` };
    })
  );
}
