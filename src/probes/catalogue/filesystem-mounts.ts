import { type Answer, broken, type Facts, holds, inconclusive, notApplicable, type Probe } from '../probe.ts';
import { fromStep, ofAll } from '../read.ts';
import { quoted } from '../script.ts';
import { systemFolders } from '../system-folders.ts';
import { namespaceMode, neverRan } from './confinement.ts';
import { bindsOf, described, isAllowedMount, isBelow, overlaps, sourceOf } from './mounts.ts';

/** What of the host, of the engine and of other containers is mounted. */
export const filesystemMounts: readonly Probe[] = [
  {
    id: 'FS-03',
    group: 'filesystem',
    title: 'No container engine’s socket',
    attempt:
      'Asks the API for mounts of such a socket, looks in the original’s mounts at the usual places of one, and searches the dummy’s run-time folders and mounts.',
    severity: 'critical',
    safety: 'read-only',
    reading:
      'A socket is broken, also where it is mounted read-only: that does not keep anybody from talking to it. A socket of another name that is mounted is inconclusive, unless `allow.mounts` names it: nobody connects to it to ask what it is.',
    control: 'The dummy’s mounts could be listed.',
    steps: ({ inspect }) => [
      { name: 'control', run: '$B cat /proc/self/mountinfo >/dev/null' },
      {
        name: 'find',
        // exec: a search whose time is up must end itself, not only its shell
        run: `exec $B find /run /var/run ${inspect.Mounts.map(({ Destination }) => quoted(Destination)).join(' ')} -xdev -type s -name '*.sock*' 2>/dev/null`,
        bytes: 16_384,
      },
      { name: 'mounts', run: "$B awk '{print $4, $5}' /proc/self/mountinfo", bytes: 16_384 },
    ],
    judge: engineSocket,
    weakness: { in: 'sockets' },
  },
  {
    id: 'FS-04',
    group: 'filesystem',
    title: 'No run-time’s socket without a file',
    attempt: 'Looks for abstract sockets of containerd and the like in the network namespace of the original.',
    severity: 'high',
    safety: 'read-only',
    reading: 'One with such a name is broken: whoever is in the network namespace may talk to it (CVE-2020-15257).',
    control: 'The sockets of that namespace could be listed.',
    judge: (facts) => {
      const { seen, inspect } = facts;
      if (seen === null)
        return neverRan(inspect) && inspect.HostConfig.NetworkMode !== 'host'
          ? notApplicable('it never ran, so it has no network namespace yet')
          : inconclusive('the sockets of its network namespace could not be seen');
      const found = seen.abstract.filter((name) => /containerd|docker|podman|crio|buildkit|runc|shim/i.test(name));
      if (found.length > 0) return broken(`it can reach ${found.slice(0, 5).join(', ')}`);
      return !seen.abstractRead
        ? inconclusive('the sockets of its network namespace could not all be read')
        : holds(`none of the ${seen.abstract.length} abstract sockets in its network namespace is a run-time’s`);
    },
    weakness: { in: 'sockets' },
  },
  {
    id: 'FS-05',
    group: 'filesystem',
    title: 'No folder of the host’s system is mounted',
    attempt: 'Asks the API for the sources of its bind mounts, and looks in them for an engine’s socket.',
    severity: 'critical',
    safety: 'read-only',
    reading:
      'A folder of the host’s system or of the engine, or one that has an engine’s socket, is broken, whether it may be written or not, unless `allow.mounts` names it.',
    control: 'The API lists its mounts.',
    judge: (facts) => {
      const { DockerRootDir } = facts.host.daemon;
      const root = typeof DockerRootDir === 'string' && DockerRootDir !== '' ? DockerRootDir : '/var/lib/docker';
      const sockets = facts.sockets?.filter((path) => named.test(path)) ?? [];
      const found = bindsOf(facts.inspect).filter(
        (mount) =>
          (isSystem(sourceOf(mount), root) || sockets.some((path) => path !== mount.Destination && isBelow(path, mount.Destination))) &&
          !isAllowedMount(facts, mount),
      );
      if (found.length > 0) return broken(found.map(described).join('; '));
      if (facts.sockets === null) return inconclusive('the engine did not say what lies in its mounts');
      return holds(`none of its ${facts.inspect.Mounts.length} mounts is a folder of the host’s system, or all that are, are allowed`);
    },
    weakness: { in: 'host-declared' },
  },
  {
    id: 'FS-13',
    group: 'filesystem',
    title: 'No mount is shared with the host',
    attempt: 'Asks the API for the propagation of its mounts; the dummy’s are never shared, whatever the original’s are.',
    severity: 'medium',
    safety: 'read-only',
    reading: '`shared` and `rshared` are broken: what it mounts there appears on the host.',
    control: 'The API lists its mounts.',
    judge: ({ inspect }) => {
      const shared = inspect.Mounts.filter(({ Propagation }) => /^r?shared$/.test(Propagation ?? ''));
      if (shared.length > 0) return broken(shared.map((mount) => `${described(mount)}, ${mount.Propagation}`).join('; '));
      return inspect.Mounts.length === 0 ? holds('nothing is mounted') : holds(`none of its ${inspect.Mounts.length} mounts is shared`);
    },
    weakness: { in: 'host-declared' },
  },
  {
    id: 'FS-14',
    group: 'filesystem',
    title: 'The host’s processes are no door to its files',
    attempt: 'Where it sees the host’s processes: lists /proc/1/root and /proc/2/root.',
    severity: 'critical',
    safety: 'read-only',
    reading: 'A list is broken; EACCES for both holds; with processes of its own it is not applicable.',
    control: 'The second process is the kernel’s kthreadd, so these are the host’s.',
    steps: () => [
      { name: 'second', run: '$B cat /proc/2/comm' },
      { name: 'first-root', run: '$B ls /proc/1/root/ >/dev/null' },
      { name: 'second-root', run: '$B ls /proc/2/root/ >/dev/null' },
    ],
    judge: (facts) => {
      if (namespaceMode(facts, 'PidMode') !== 'host') return notApplicable('it does not see the host’s processes');
      return fromStep(facts, 'second', ({ output }) => {
        if (output.trim() !== 'kthreadd') return inconclusive('it sees the host’s processes, and no dummy is ever given that');
        const roots = ['first-root', 'second-root'].map((name) => facts.step(name));
        if (roots.some((root) => root?.exitCode === 0)) return broken('it can list the host’s files by way of a process');
        return roots.every((root) => root !== null && /Permission denied|Operation not permitted/.test(root.output))
          ? holds('the kernel refuses both')
          : inconclusive('its answer is none that is known');
      });
    },
    weakness: { in: 'host-processes' },
  },
  {
    id: 'FS-15',
    group: 'filesystem',
    title: 'No debugging or control file system of the kernel can be written',
    attempt:
      'Looks for debugfs, tracefs, securityfs, configfs, bpf, pstore, efivarfs and lxcfs among the mounts, by the API and in the dummy.',
    severity: 'medium',
    safety: 'read-only',
    reading: 'One that is mounted for writing is broken; read-only or none holds.',
    control: 'The dummy’s mounts could be listed.',
    steps: () => [
      { name: 'control', run: '$B cat /proc/self/mountinfo >/dev/null' },
      {
        name: 'mounts',
        run: `$B awk '{ for (i = 7; i < NF; i++) if ($i == "-") { if ($(i+1) ~ /^(debugfs|tracefs|securityfs|configfs|bpf|pstore|efivarfs|fuse\\.lxcfs)$/) print $(i+1), $5, $6; break } }' /proc/self/mountinfo`,
      },
    ],
    judge: (facts) => {
      const declared = bindsOf(facts.inspect).filter(
        (mount) => mount.RW && kernelFolders.some((folder) => isBelow(sourceOf(mount), folder)) && !isAllowedMount(facts, mount),
      );
      if (declared.length > 0) return broken(declared.map(described).join('; '));
      return fromStep(facts, 'mounts', ({ exitCode, output }) => {
        if (exitCode !== 0) return inconclusive('its mounts could not be listed');
        const writable = output.split('\n').filter((line) => / rw(,|$)/.test(line));
        return writable.length > 0 ? broken(`mounted for writing: ${writable.join('; ')}`) : holds('none is mounted for writing');
      });
    },
    weakness: { in: 'host-declared' },
  },
  {
    id: 'FS-16',
    group: 'filesystem',
    title: 'No writable volume is shared with another container',
    attempt: 'Compares its volumes and folders of the host with those of all other containers that run.',
    severity: 'medium',
    safety: 'read-only',
    reading:
      'One that both may write is broken, also where one’s folder lies in the other’s, unless `allow.mounts` names it: it joins what networks keep apart.',
    control: 'The API lists its mounts and those of the others.',
    judge: sharedVolumes,
    weakness: { none: 'it takes two containers, and a weak dummy is given nothing of another’s' },
  },
];

const socketNames = '(docker|containerd|podman|crio|cri-dockerd|dockershim|buildkitd)[^/ ]*\\.sock';
const named = new RegExp(`/${socketNames}$`);
const runFolders = ['/', '/run', '/var/run', '/run/docker', '/run/containerd', '/run/podman', '/run/crio', '/run/buildkit'];
const kernelFolders = [
  '/sys/kernel/debug',
  '/sys/kernel/tracing',
  '/sys/kernel/security',
  '/sys/kernel/config',
  '/sys/fs/bpf',
  '/var/lib/lxcfs',
];

function isSystem(source: string, root: string): boolean {
  return (
    systemFolders.includes(source) ||
    ['/proc', '/sys', '/boot', '/var/lib/docker', '/var/lib/containerd', root].some((folder) => isBelow(source, folder)) ||
    isBelow(root, source)
  );
}

function engineSocket(facts: Facts): Answer {
  const mounted = facts.inspect.Mounts.filter((mount) => {
    const source = sourceOf(mount);
    return (mount.Type === 'bind' && runFolders.includes(source)) || named.test(source);
  });
  const found = mounted.filter((mount) => !isAllowedMount(facts, mount));
  if (found.length > 0) return broken(found.map(described).join('; '));
  const { allow, sockets } = facts;
  const isAllowed = (path: string) =>
    allow.mounts.some((place) => isBelow(path, place)) ||
    facts.inspect.Mounts.some((mount) => isBelow(path, mount.Destination) && isAllowedMount(facts, mount));
  const present = sockets?.filter((path) => !isAllowed(path)) ?? [];
  const own = facts.inspect.Mounts.map(({ Destination }) => Destination);
  const engines = present.filter((path) => named.test(path));
  if (engines.length > 0) return broken(`there is ${engines.join(', ')}`);
  return fromStep(facts, 'find', ({ exitCode, output, cut }) => {
    const mounts = facts.step('mounts');
    if (mounts?.exitCode !== 0) return inconclusive('its dummy’s mounts could not be listed');
    const lines = [output, mounts.output]
      .flatMap((text) => text.split('\n'))
      .filter((line) => line.split(' ').some((path) => named.test(path)));
    const paths = new Set(lines.map((line) => line.split(' ').at(-1) ?? ''));
    const seen = [...paths].filter((path) => !isAllowed(path));
    if (seen.length > 0) return broken(`there is ${seen.join(', ')}`);
    if (exitCode === 137) return inconclusive('its mounts are too large to be searched in the time given');
    if (cut === true || mounts.cut === true) return inconclusive('it has more mounts, or more in them, than is kept');
    if (sockets === null) return inconclusive('the engine did not say what lies in its mounts');
    const other = present.filter((path) => own.includes(path));
    if (other.length > 0) return inconclusive(`${other.join(', ')} is a socket of the host, and whose it is was not asked`);
    const points = new Set(mounts.output.split('\n').map((line) => unescaped(line.split(' ')[1] ?? '')));
    const unsearched = facts.inspect.Mounts.filter(
      (mount) => mount.Type !== 'tmpfs' && !isAllowedMount(facts, mount) && (mount.RW || !points.has(mount.Destination)),
    ).map(({ Destination }) => Destination);
    return holds(
      `${mounted.length > 0 ? 'the only socket of an engine is one that is allowed' : 'there is no engine’s socket'}${
        unsearched.length > 0 ? `; in ${unsearched.join(', ')} only its usual places were looked at, and not what lies deeper` : ''
      }`,
    );
  });
}

function sharedVolumes(facts: Facts): Answer {
  const own = facts.inspect.Mounts.filter((mount) => mount.RW && mount.Type !== 'tmpfs' && !isAllowedMount(facts, mount));
  if (own.length === 0) return holds('it may write no volume and no folder of the host, or only those that are allowed');
  const shared = own.flatMap((mount) => {
    const peers = facts.others.filter(({ Mounts }) =>
      Mounts.some(
        (other) =>
          other.RW &&
          other.Type === mount.Type &&
          (mount.Type === 'volume' && mount.Name !== undefined ? other.Name === mount.Name : overlaps(sourceOf(other), sourceOf(mount))),
      ),
    );
    return peers.length === 0
      ? []
      : [`${mount.Name ?? sourceOf(mount)} with ${peers.map(({ Name }) => Name.replace(/^\//, '')).join(', ')}`];
  });
  return shared.length > 0
    ? broken(`it shares for writing ${shared.join('; ')}`)
    : ofAll(facts, holds(`no other of ${facts.others.length} containers may write any of its ${own.length} writable mounts`));
}

/** A path as `mountinfo` writes it: `a\\040b` for `a b`. */
function unescaped(path: string): string {
  return path.replaceAll(/\\([0-7]{3})/g, (_, code: string) => String.fromCodePoint(Number.parseInt(code, 8)));
}
