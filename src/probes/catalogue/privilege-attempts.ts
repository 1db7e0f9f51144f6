import { type Answer, broken, type Facts, holds, inconclusive, notApplicable, type Probe } from '../probe.ts';
import { byErrno, errnoOf, fromStep } from '../read.ts';
import { hasOwnKernel, isPrivileged, privilegedIs, securityOptions } from './confinement.ts';

/** What it asks the kernel for, and must not get. */
export const privilegeAttempts: readonly Probe[] = [
  {
    id: 'PRV-04',
    group: 'privilege',
    title: 'Seccomp really filters',
    attempt:
      'Asks for a user namespace, which Docker’s filter refuses; for no namespace at all, to enter what is none, and for a mount where nothing is, which only a filter refuses; reads Seccomp.',
    severity: 'high',
    safety: 'dummy-only',
    reading:
      'No filter in force, or a namespace, is broken; EPERM holds when the three others were refused too: else something other than the filter refused, or it lets most things through.',
    control: 'The kernel has user namespaces, and the program that asks for them runs.',
    steps: () => [
      { name: 'control', run: '[ -e /proc/self/ns/user ] && $B unshare --help >/dev/null 2>&1' },
      { name: 'unshare', run: '$B unshare -U -r $B true' },
      { name: 'empty', run: '$B unshare $B true' },
      { name: 'status', run: "$B grep '^Seccomp:' /proc/self/status" },
      // the kernel itself looks at these two before it asks for capabilities, and answers EINVAL and ENOENT
      { name: 'setns', run: '$B nsenter --mount=/proc/self/status $B true' },
      { name: 'mount', run: `$B mount -t tmpfs none \${B%/*}/nothing` },
    ],
    judge: seccomp,
    weakness: { in: 'open' },
  },
  {
    id: 'PRV-05',
    group: 'privilege',
    title: 'Nothing can be mounted',
    attempt: 'Mounts an empty tmpfs over a folder of the dummy, and takes it away again.',
    severity: 'critical',
    safety: 'dummy-only',
    reading: 'A mount is broken; EPERM and EACCES hold.',
    control: 'The kernel has tmpfs, and there is a folder to mount it on.',
    steps: () => [
      { name: 'control', run: `$B grep -q 'tmpfs$' /proc/filesystems && ${folder} && [ -n "$d" ] && $B mount --help >/dev/null 2>&1` },
      { name: 'mount', run: `${folder}; $B mount -t tmpfs none "$d" && { $B umount "$d" || $B umount -l "$d"; }` },
    ],
    judge: (facts) =>
      privilegedIs(facts, 'it may mount anything') ??
      fromStep(facts, 'mount', (result) => byErrno(result, { broken: 'a file system could be mounted', holds: 'mounting is refused' })),
    weakness: { in: 'open' },
  },
  {
    id: 'PRV-06',
    group: 'privilege',
    title: 'No new mount, network and PID namespaces',
    attempt: 'Asks for a mount, a network and a PID namespace, one after the other.',
    severity: 'high',
    safety: 'dummy-only',
    reading: 'One that is given is broken, also when what the program does in it then fails; EPERM for all holds.',
    control: 'The program that asks for them runs.',
    steps: () => [
      { name: 'control', run: '[ -e /proc/self/ns/net ] && $B unshare --help >/dev/null 2>&1' },
      { name: 'mount', run: '$B unshare -m $B true' },
      { name: 'net', run: '$B unshare -n $B true' },
      { name: 'pid', run: '$B unshare -p -f $B true' },
    ],
    judge: (facts) => privilegedIs(facts, 'it may have any namespace') ?? namespaces(facts),
    weakness: { in: 'open' },
  },
  {
    id: 'PRV-11',
    group: 'privilege',
    title: 'The kernel’s log cannot be read',
    attempt: 'Asks the kernel for its log, and keeps none of it.',
    severity: 'low',
    safety: 'read-only',
    reading: 'An answer is broken; EPERM holds; ENOSYS is not applicable.',
    control: 'The program that asks for it runs.',
    steps: () => [
      { name: 'control', run: '$B dmesg --help >/dev/null 2>&1' },
      { name: 'dmesg', run: '$B dmesg >/dev/null' },
    ],
    judge: (facts) => {
      if (hasOwnKernel(facts.inspect)) return notApplicable('its runtime has a kernel of its own, whose log is no secret of the host');
      return (
        privilegedIs(facts, 'it may read the kernel’s log') ??
        fromStep(facts, 'dmesg', (result) => byErrno(result, { broken: 'the kernel’s log can be read', holds: 'reading it is refused' }))
      );
    },
    weakness: { in: 'open' },
  },
  {
    id: 'PRV-12',
    group: 'privilege',
    title: 'chroot is refused',
    attempt: 'Changes its root to / and runs a program there.',
    severity: 'low',
    safety: 'dummy-only',
    reading: 'Success is broken, though Docker’s default capabilities allow it, unless `allow.capabilities` names SYS_CHROOT; EPERM holds.',
    control: 'The program that would run there runs where it is.',
    steps: () => [
      { name: 'control', run: '$B true && $B chroot --help >/dev/null 2>&1' },
      { name: 'chroot', run: '$B chroot / $B true' },
    ],
    judge: (facts) => {
      const allowed = (facts.allow.capabilities ?? []).some((name) =>
        ['ALL', 'SYS_CHROOT'].includes(name.toUpperCase().replace(/^CAP_/, '')),
      );
      const answer =
        privilegedIs(facts, 'it may change its root') ??
        fromStep(facts, 'chroot', (result) => byErrno(result, { broken: 'it can change its root', holds: 'changing its root is refused' }));
      return allowed && answer.state === 'broken' ? holds('it can change its root, which SYS_CHROOT allows') : answer;
    },
    weakness: { in: 'open' },
  },
  {
    id: 'PRV-13',
    group: 'privilege',
    title: 'A security module confines it',
    attempt: 'Reads /proc/self/attr/current, and compares it with the AppArmor profile of the API.',
    severity: 'medium',
    safety: 'read-only',
    reading:
      '`unconfined`, a profile that only complains, and SELinux’s spc_t are broken; a profile holds; EINVAL is not applicable: there is no such module.',
    control: 'The engine itself says which module it confines with, where the kernel names none.',
    steps: () => [{ name: 'current', run: '$B cat /proc/self/attr/current' }],
    judge: (facts) => fromStep(facts, 'current', ({ exitCode, output }) => securityModule(facts, exitCode, output)),
    weakness: { in: 'no-module' },
  },
  {
    id: 'PRV-18',
    group: 'privilege',
    title: 'It cannot put itself out of the OOM killer’s reach',
    attempt: 'Lowers its own oom_score_adj, and asks the API for OomScoreAdj and OomKillDisable.',
    severity: 'low',
    safety: 'dummy-only',
    reading: 'A value below 0 by the API, the killer switched off, or a write that succeeds is broken; EACCES holds.',
    control: 'The value that it has can be written.',
    steps: () => [
      { name: 'control', run: '$B cat /proc/self/oom_score_adj && echo $($B cat /proc/$$/oom_score_adj) > /proc/$$/oom_score_adj' },
      { name: 'lower', run: 'a=$($B cat /proc/$$/oom_score_adj); n=-500; [ "$a" -gt -500 ] || n=-1000; echo $n > /proc/$$/oom_score_adj' },
    ],
    judge: (facts) => {
      const { OomScoreAdj, OomKillDisable } = facts.inspect.HostConfig;
      if (Number(OomScoreAdj ?? 0) < 0) return broken(`the API says OomScoreAdj ${String(OomScoreAdj)}`);
      if (OomKillDisable === true) return broken('the API says OomKillDisable');
      return (
        privilegedIs(facts, 'it may lower its own oom_score_adj') ??
        fromStep(facts, 'lower', (result) =>
          byErrno(result, { broken: 'it could lower its oom_score_adj', holds: 'lowering it is refused' }),
        )
      );
    },
    weakness: { in: 'resourceful' },
  },
];

/** The first of these that is there. */
const folder = 'd=; for f in /dev/mqueue /dev/shm /mnt /srv /tmp /etc; do [ -d $f ] && d=$f && break; done';

function seccomp(facts: Facts): Answer {
  if (hasOwnKernel(facts.inspect)) return notApplicable('its runtime has a kernel of its own, and the filter is around that');
  const first = facts.seen?.status.Seccomp;
  if (facts.unattempted !== null)
    return first === '0'
      ? broken('no filter is in force for its first process')
      : (privilegedIs(facts, 'the engine sets no filter for it') ?? inconclusive(facts.unattempted));
  return fromStep(facts, 'unshare', (result) => {
    const answer = byErrno(result, { broken: 'a user namespace could be made', holds: 'a user namespace is refused' });
    const mode = /Seccomp:\s*(\d)/.exec(facts.step('status')?.output ?? '')?.[1];
    if (mode === undefined) return inconclusive('whether a filter is in force could not be read');
    if (mode === '0') {
      const none = broken(`no filter is in force; ${answer.evidence}`);
      const unfiltered = securityOptions(facts.inspect).some((option) => /^seccomp[=:]unconfined/.test(option));
      const claimed = facts.host.info.securityOptions.some((option) => option.includes('name=seccomp') && !option.includes('unconfined'));
      return claimed && !unfiltered && !isPrivileged(facts.inspect)
        ? { ...none, disagreement: 'the API says that seccomp filters, and the kernel has no filter for the process' }
        : none;
    }
    if (answer.state !== 'holds')
      return answer.state === 'broken' ? broken('a filter is in force, and a user namespace could be made all the same') : answer;
    const empty = facts.step('empty');
    if (empty === null) return inconclusive('the dummy ended before it answered');
    if (empty.exitCode === 0)
      return inconclusive('a user namespace is refused, but the filter lets the call through: something else refuses it');
    if (errnoOf(empty.output) !== 'EPERM') return inconclusive('what the filter does with the call is not known');
    return filtersMore(facts, answer);
  });
}

/** A filter may refuse one call and let all others through. */
function filtersMore(facts: Facts, answer: Answer): Answer {
  const own = securityOptions(facts.inspect).some((option) => /^seccomp[=:](?!unconfined|builtin)/.test(option));
  const profile = own ? '; its filter is a profile of its own, and what else that lets through was not looked at' : '';
  const answers = (['setns', 'mount'] as const).map((name) => {
    const result = facts.step(name);
    return { name, errno: result === null || result.exitCode === 0 ? null : errnoOf(result.output) };
  });
  const through = answers.filter(({ errno }) => errno === 'EINVAL' || errno === 'ENOENT').map(({ name }) => name);
  if (through.length > 0)
    return inconclusive(`${answer.evidence}, but its filter lets ${through.join(' and ')} through, which Docker’s own refuses${profile}`);
  const unknown = answers.filter(({ errno }) => errno !== 'EPERM' && errno !== 'ENOSYS').map(({ name }) => name);
  if (unknown.length > 0) return inconclusive(`${answer.evidence}, but what the filter does with ${unknown.join(' and ')} is not known`);
  return { ...answer, evidence: `${answer.evidence}, and so are setns and mount${profile}` };
}

function namespaces(facts: Facts): Answer {
  const answers = (['mount', 'net', 'pid'] as const).map((name) => ({
    name,
    answer: fromStep(facts, name, (result) => {
      // its own first lines name the call that was refused; what comes later failed in the namespace that was made
      const refused = /unshare\(0x[0-9a-f]+\): /.test(result.output);
      if (result.exitCode !== 0 && result.exitCode !== 137 && !refused && errnoOf(result.output) !== 'NOAPPLET')
        return broken('it was made, though what was done in it then failed');
      return byErrno(result, { broken: 'it was made', holds: 'it is refused' });
    }),
  }));
  const made = answers.filter(({ answer }) => answer.state === 'broken').map(({ name }) => name);
  if (made.length > 0) return broken(`it could make a namespace of its own: ${made.join(', ')}`);
  const unknown = answers.find(({ answer }) => answer.state === 'inconclusive');
  if (unknown !== undefined) return inconclusive(`${unknown.name}: ${unknown.answer.evidence}`);
  const refused = answers.filter(({ answer }) => answer.state === 'holds').map(({ name }) => name);
  return refused.length === 0 ? notApplicable('this kernel has none of these namespaces') : holds(`refused: ${refused.join(', ')}`);
}

function securityModule(facts: Facts, exitCode: number, output: string): Answer {
  const modules = facts.host.info.securityOptions.flatMap((option) => /name=(apparmor|selinux)/.exec(option)?.[1] ?? []);
  // the kernel ends it with a zero
  const label = output.replaceAll('\u0000', '').trim();
  if (exitCode !== 0 || label === '') {
    const errno = exitCode === 0 ? null : errnoOf(output);
    const absent = errno === 'EINVAL' || errno === 'ENOENT' || (exitCode === 0 && label === '');
    if (modules.length === 0 && absent) return notApplicable('neither AppArmor nor SELinux is here');
    return inconclusive(
      modules.length === 0 ? 'its label could not be read' : `the engine says ${modules.join(', ')}, but the label could not be read`,
    );
  }
  const profile = String((facts.inspect as unknown as { readonly AppArmorProfile?: string }).AppArmorProfile ?? '');
  const unconfined = /^unconfined$|\(complain\)$|:(spc_t|unconfined_\w+|container_runtime_t|kernel_t|init_t)(:|$)/.test(label);
  if (!unconfined) return holds(`it is confined by ${label}`);
  const answer = broken(`nothing confines it: ${label}`);
  const claimed = profile !== '' && profile !== 'unconfined' && !label.includes(profile);
  return claimed ? { ...answer, disagreement: `the API says the AppArmor profile ${profile}, and the kernel says ${label}` } : answer;
}
