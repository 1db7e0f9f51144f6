import { type Answer, broken, type Facts, holds, inconclusive, notApplicable, type Probe } from '../probe.ts';
import { errnoOf, fromStep, whole } from '../read.ts';

/** What its own files would give to whoever is in it. */
export const privilegeFiles: readonly Probe[] = [
  {
    id: 'PRV-10',
    group: 'privilege',
    title: 'No setuid or setgid file gives anything',
    attempt: 'Looks for setuid and setgid files in the root file system, and reads NoNewPrivs, the user and the bounding set.',
    severity: 'medium',
    safety: 'read-only',
    reading:
      'Such a file is broken unless no_new_privs makes it harmless; none holds, but for a user other than root only where capabilities of files, which are not looked at, could give nothing. A folder that its user may not enter is no way to one.',
    control: 'The same search finds, by its bits, a program that is there.',
    steps: () => [
      { name: 'control', run: `[ -n "$($B find \${B%/*} -type f -perm /0100)" ]` },
      // exec: a search whose time is up must end itself, not only its shell
      { name: 'find', run: 'exec $B find / -xdev -type f -perm /6000 2>/dev/null', seconds: 5, aside: true },
      { name: 'nnp', run: "$B grep -E '^(NoNewPrivs|Uid|CapBnd):' /proc/self/status" },
    ],
    judge: (facts) =>
      fromStep(facts, 'find', ({ exitCode, output }) => {
        if (exitCode === 137) return inconclusive('its root file system is too large to be searched in the time given');
        const files = output.split('\n').filter((line) => line.startsWith('/'));
        if (exitCode !== 0 && exitCode !== 1) return inconclusive(`the search failed: exit ${exitCode}`);
        if (files.length === 0) return withoutFiles(facts);
        const some = `${files.length} such files: ${files.slice(0, 5).join(', ')}${files.length > 5 ? ', …' : ''}`;
        return hasNoNewPrivileges(facts) ? holds(`no_new_privs makes them harmless: ${some}`) : broken(some);
      }),
    weakness: { in: 'open' },
  },
  {
    id: 'PRV-17',
    group: 'privilege',
    title: 'Root has a password, or none can be used',
    attempt: 'Looks in /etc/shadow and /etc/passwd whether root’s password is empty, and shows nothing else of them.',
    severity: 'medium',
    safety: 'read-only',
    reading:
      'An empty one is broken. A file that its user may not read is inconclusive, unless no_new_privs lets no password make anybody root.',
    control: 'Root’s line could be read.',
    steps: () => [
      {
        name: 'root',
        run: `for f in /etc/passwd /etc/shadow; do [ -e $f ] || { echo "$f absent"; continue; }; $B awk -F: -v f=$f '$1=="root"{print f, ($2=="" ? "empty" : "set")}' $f || echo "$f unread"; done`,
      },
    ],
    judge: (facts) => fromStep(facts, 'root', (result) => whole(rootPassword(facts, result.output), result)),
    weakness: { in: 'open' },
  },
];

/** No file has the bits. Which have capabilities cannot be read with what a dummy has, but whether they would give any can. */
function withoutFiles(facts: Facts): Answer {
  const none = 'there is no setuid or setgid file';
  if (hasNoNewPrivileges(facts)) return holds(`${none}; no_new_privs makes capabilities of files harmless, which were not looked at`);
  const output = facts.step('nnp')?.output ?? '';
  if (/^CapBnd:\s*0+$/m.test(output))
    return holds(`${none}; capabilities of files, which were not looked at, give nothing: its bounding set is empty`);
  // whatever is in the bounding set it has at once
  if (/^Uid:\s*0\s/m.test(output)) return holds(`${none}; capabilities of files were not looked at: to root they give nothing more`);
  return inconclusive(`${none}, but capabilities of files were not looked at, and could give its user some: no_new_privs is not set`);
}

function hasNoNewPrivileges(facts: Facts): boolean {
  return /NoNewPrivs:\s*1/.test(facts.step('nnp')?.output ?? '') || facts.dummySeen?.status.NoNewPrivs === '1';
}

function rootPassword(facts: Facts, output: string): Answer {
  const said = (file: string, what: string) => new RegExp(`^${file} ${what}$`, 'm').test(output);
  for (const file of ['/etc/shadow', '/etc/passwd']) if (said(file, 'empty')) return broken(`root’s password in ${file} is empty`);
  if (said('/etc/shadow', 'absent'))
    return notApplicable(
      said('/etc/passwd', 'set') ? 'there is no /etc/shadow, and root’s password is not in /etc/passwd' : 'it has no root to log in as',
    );
  if (said('/etc/shadow', 'set')) return holds('root’s password is not empty, or locked');
  if (said('/etc/shadow', 'unread') && errnoOf(output) === 'EACCES')
    return hasNoNewPrivileges(facts)
      ? holds('its user may not read /etc/shadow, and no_new_privs lets no password make it root')
      : inconclusive('its user may not read /etc/shadow');
  return said('/etc/shadow', 'unread') ? inconclusive('/etc/shadow could not be read') : notApplicable('/etc/shadow has no root');
}
