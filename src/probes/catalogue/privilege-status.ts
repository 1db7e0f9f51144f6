import { type Answer, broken, type Facts, holds, inconclusive, notApplicable, type Probe } from '../probe.ts';
import { fromStep, whole } from '../read.ts';
import { defaultCapabilities, namesOf, unexpected } from './capabilities.ts';
import { declaredCapabilities, hasOwnKernel, isPrivileged, securityOptions } from './confinement.ts';

/** What a process's own status says of its powers. */
export const privilegeStatus: readonly Probe[] = [
  {
    id: 'PRV-01',
    group: 'privilege',
    title: 'Effective capabilities are within what is allowed',
    attempt: 'Reads CapEff of /proc/self/status in the dummy, and of the original’s first process.',
    severity: 'high',
    safety: 'read-only',
    reading: 'Any bit beyond Docker’s default set, or beyond `allow.capabilities`, is broken.',
    control: 'The line CapEff could be read.',
    steps: () => [{ name: 'capeff', run: "$B grep '^CapEff:' /proc/self/status" }],
    judge: (facts) => withMask(facts, 'CapEff', 'capeff', (mask) => withinAllowed(facts, mask, 'CapEff')),
    weakness: { in: 'open' },
  },
  {
    id: 'PRV-02',
    group: 'privilege',
    title: 'The bounding set is within what is allowed',
    attempt: 'Reads CapBnd of /proc/self/status and compares it with CapAdd and CapDrop of the API.',
    severity: 'medium',
    safety: 'read-only',
    reading: 'Any bit beyond Docker’s default set, or beyond `allow.capabilities`, is broken: a setuid file would give it to anybody.',
    control: 'The line CapBnd could be read.',
    steps: () => [{ name: 'capbnd', run: "$B grep '^CapBnd:' /proc/self/status" }],
    judge: (facts) =>
      withMask(facts, 'CapBnd', 'capbnd', (mask) => {
        const answer = withinAllowed(facts, mask, 'CapBnd');
        const declared = declaredCapabilities(facts.inspect);
        const undeclared = declared === null ? [] : unexpected(mask, declared);
        if (undeclared.length === 0) return answer;
        const disagreement = `the API promises no more than ${declared?.join(', ') || 'no capability'}, and the kernel’s bounding set has ${undeclared.join(', ')}`;
        return { ...answer, disagreement };
      }),
    weakness: { in: 'open' },
  },
  {
    id: 'PRV-03',
    group: 'privilege',
    title: 'no_new_privs is set',
    attempt: 'Reads NoNewPrivs of /proc/self/status and compares it with the security options of container and engine.',
    severity: 'medium',
    safety: 'read-only',
    reading: '1 holds, 0 is broken; a kernel without the line is inconclusive.',
    control: 'The line NoNewPrivs could be read.',
    steps: () => [{ name: 'nnp', run: "$B grep '^NoNewPrivs:' /proc/self/status" }],
    judge: (facts) =>
      withLine(facts, 'NoNewPrivs', 'nnp', /([01])$/, (value) => {
        const claimed = claimsNoNewPrivileges(facts);
        if (value === '1') return holds(`NoNewPrivs is 1${claimed ? '' : ', though the API does not ask for it'}`);
        const answer = broken('NoNewPrivs is 0: a setuid file may give its user more than it has');
        return claimed ? { ...answer, disagreement: 'the API says no-new-privileges, and the kernel has NoNewPrivs 0' } : answer;
      }),
    weakness: { in: 'open' },
  },
  {
    id: 'PRV-07',
    group: 'privilege',
    title: 'It is not privileged',
    attempt: 'Asks the API for Privileged, and compares CapEff with the full set of this kernel (cap_last_cap) and Seccomp with 0.',
    severity: 'critical',
    safety: 'read-only',
    reading: 'Privileged by the API, or every capability of the kernel and no filter, is broken.',
    control: 'CapEff and cap_last_cap could be read.',
    steps: () => [
      { name: 'control', run: '$B cat /proc/sys/kernel/cap_last_cap' },
      { name: 'status', run: "$B grep -E '^(CapEff|Seccomp):' /proc/self/status" },
    ],
    judge: (facts) => {
      if (isPrivileged(facts.inspect)) return broken('the API says that it is privileged');
      return fromStep(facts, 'status', ({ output }) => {
        const last = Number(facts.step('control')?.output.trim() || Number.NaN);
        const mask = /CapEff:\s*([0-9a-f]{16})/.exec(output)?.[1];
        if (mask === undefined || Number.isNaN(last)) return inconclusive('CapEff or cap_last_cap could not be read');
        const unfiltered = /Seccomp:\s*0/.test(output);
        if (namesOf(mask).length <= last || !unfiltered) return holds(`CapEff ${mask} is not the full set of ${last + 1} capabilities`);
        // what was asked for piece by piece is no contradiction, but no less than privileged either
        const answer = broken('it has every capability and no seccomp filter, as a privileged one has');
        return declaredCapabilities(facts.inspect) === null
          ? answer
          : { ...answer, disagreement: 'the API says that it is not privileged, and the kernel gives it every capability and no filter' };
      });
    },
    weakness: { in: 'host-declared' },
  },
  {
    id: 'PRV-08',
    group: 'privilege',
    title: 'It does not run as root',
    attempt: 'Asks for user id and groups in the dummy, and reads those of the original’s first process.',
    severity: 'high',
    safety: 'read-only',
    reading: 'User id 0, the groups docker and disk, and root’s as a further group are broken, unless `allow.user` has the user.',
    control: 'The user id could be read.',
    steps: () => [
      {
        name: 'id',
        run: `echo "uid $($B id -u)"; echo "gid $($B id -g)"; echo "groups $($B id -G)"; $B awk -F: '$1=="docker"||$1=="disk"{print "named", $1, $3}' /etc/group 2>/dev/null; true`,
      },
    ],
    judge: nonRoot,
    weakness: { in: 'open' },
  },
  {
    id: 'PRV-09',
    group: 'privilege',
    title: 'Its users are not those of the host',
    attempt: 'Reads /proc/self/uid_map and compares it with UsernsMode and the engine’s user namespace option.',
    severity: 'medium',
    safety: 'read-only',
    reading: 'A map of all ids onto themselves is broken: its root is the host’s. Any other map holds.',
    control: 'The map could be read.',
    steps: () => [{ name: 'map', run: '$B cat /proc/self/uid_map' }],
    judge: (facts) => {
      if (hasOwnKernel(facts.inspect)) return notApplicable('its runtime has a kernel of its own, whose users are not the host’s');
      return fromStep(facts, 'map', ({ output }) => {
        const lines = [...output.matchAll(/^\s*(\d+)\s+(\d+)\s+(\d+)\s*$/gm)].map(([, inside, outside, count]) => ({
          inside,
          outside,
          count,
        }));
        if (lines.length === 0) return inconclusive('uid_map could not be read');
        const first = lines[0];
        const same = lines.length === 1 && first?.inside === '0' && first.outside === '0' && Number(first.count) >= 4_294_967_295;
        if (!same) return holds(`user ids are mapped: ${output.trim().replaceAll(/\s+/g, ' ')}`);
        const answer = broken('user ids are not mapped: its root is root on the host');
        const remaps = facts.host.info.securityOptions.some((option) => option.includes('name=userns'));
        return remaps && facts.inspect.HostConfig.UsernsMode !== 'host'
          ? { ...answer, disagreement: 'the API says that the engine remaps users, and the kernel maps all of them onto themselves' }
          : answer;
      });
    },
    weakness: { in: 'open' },
  },
];

/** Of the dummy, and what the original's first process has beyond it; of the latter alone where there was no dummy. */
function withMask(facts: Facts, key: 'CapEff' | 'CapBnd', step: string, read: (mask: string) => Answer): Answer {
  const seen = facts.seen?.status[key];
  if (facts.unattempted !== null && seen !== undefined) return read(seen);
  return fromStep(facts, step, ({ output }) => {
    const mask = new RegExp(`${key}:\\s*([0-9a-f]{16})`).exec(output)?.[1];
    if (mask === undefined) return inconclusive(`${key} could not be read`);
    return read((BigInt(`0x${mask}`) | BigInt(`0x${seen ?? '0'}`)).toString(16).padStart(16, '0'));
  });
}

function withinAllowed(facts: Facts, mask: string, key: string): Answer {
  const extra = unexpected(mask, facts.allow.capabilities ?? defaultCapabilities);
  return extra.length === 0 ? holds(`${key} is ${mask}`) : broken(`beyond what is allowed its ${key} has ${extra.join(', ')}`);
}

function withLine(facts: Facts, key: string, step: string, pattern: RegExp, read: (value: string) => Answer): Answer {
  const seen = facts.seen?.status[key];
  if (facts.unattempted !== null && seen !== undefined) return read(seen);
  return fromStep(facts, step, ({ output }) => {
    const value = pattern.exec(output.trim())?.[1];
    return value === undefined ? inconclusive(`${key} could not be read`) : read(value);
  });
}

function claimsNoNewPrivileges({ inspect, host }: Facts): boolean {
  const own = securityOptions(inspect)
    .filter((option) => option.startsWith('no-new-privileges'))
    .at(-1);
  if (own !== undefined) return !/[:=]\s*false$/.test(own);
  return host.info.securityOptions.some((option) => option.includes('name=no-new-privileges'));
}

function nonRoot(facts: Facts): Answer {
  const user = String(facts.inspect.Config.User ?? '').split(':')[0] ?? '';
  const { user: allowed } = facts.allow;
  if (allowed === 'any') return holds('any user is allowed');
  const first = facts.seen?.status.Uid?.split(/\s+/)[1];
  if (facts.unattempted !== null && first !== undefined) return judgeUser(facts, { user, uid: first, first, bad: [] });
  return fromStep(facts, 'id', (result) => {
    const { output } = result;
    const uid = /^uid (\d+)$/m.exec(output)?.[1];
    if (uid === undefined) return inconclusive('the user id could not be read');
    const gid = /^gid (\d+)$/m.exec(output)?.[1];
    const groups = /^groups ([\d ]*)$/m.exec(output)?.[1]?.split(' ') ?? [];
    const named = [...output.matchAll(/^named (\w+) (\d+)$/gm)]
      .filter(([, , id]) => groups.includes(id ?? ''))
      .map(([, name]) => name ?? '');
    const given = ((facts.inspect.HostConfig.GroupAdd as readonly string[] | null | undefined) ?? []).filter((group) =>
      ['0', 'root', 'docker', 'disk'].includes(group),
    );
    // the engine lists a user's own group among the further ones: with a bare user id that is root's
    const further = gid !== '0' && groups.includes('0') ? ['root'] : [];
    return whole(judgeUser(facts, { user, uid, first, bad: [...new Set([...named, ...given, ...further])] }), result);
  });
}

function judgeUser(
  { allow, inspect }: Facts,
  {
    user,
    uid,
    first,
    bad,
  }: { readonly user: string; readonly uid: string; readonly first: string | undefined; readonly bad: readonly string[] },
): Answer {
  const said = user === '' ? 'no user is set' : `its user is ${user}`;
  if (Array.isArray(allow.user) && (allow.user.includes(uid) || (user !== '' && allow.user.includes(user))) && (first ?? uid) === uid)
    return holds(`${said}, which is allowed`);
  const claims = !['', 'root', '0'].includes(String(inspect.Config.User ?? '').split(':')[0] ?? '');
  if (uid === '0') {
    const dropped = first !== undefined && first !== '0' ? `; the original’s first process has since become ${first}` : '';
    const answer = broken(`${said}, and it runs as user id 0${dropped}`);
    return claims ? { ...answer, disagreement: `the API says user ${user}, and the kernel has user id 0` } : answer;
  }
  if (first === '0')
    return {
      ...broken(`${said}, but the original’s first process has user id 0`),
      disagreement: `the API says user ${user}, and the original’s first process has user id 0`,
    };
  if (bad.length > 0) return broken(`it runs as user id ${uid}, in the group ${bad.join(', ')}`);
  if (Array.isArray(allow.user)) return broken(`it runs as user id ${uid}, which is none of those that are allowed`);
  return holds(`it runs as user id ${uid}`);
}
