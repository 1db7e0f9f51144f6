import { type Answer, broken, type Facts, type Ground, holds, inconclusive, notApplicable, type Probe } from '../probe.ts';
import { type Errno, errnoOf, fromStep, whole } from '../read.ts';
import { quoted } from '../script.ts';
import { isPrivileged, marked, neverRan } from './confinement.ts';
import { isBelow } from './mounts.ts';
import { openings, readOpenings } from './openings.ts';
import { searchedWhole, searching, searchSeconds } from './searched.ts';

/** Where it may write, and what has been written. */
export const filesystemWrites: readonly Probe[] = [
  {
    id: 'FS-01',
    group: 'filesystem',
    title: 'The root file system is read-only',
    attempt:
      'Makes an empty file in /, in the folders of the root file system that a user most often may write, and in those that a search finds it may, and removes it.',
    severity: 'high',
    safety: 'dummy-only',
    reading: 'A file that is made is broken; EROFS holds; EACCES alone holds too, and it is said that root could.',
    control: 'The folder / is there; what is another mount is left out, as it says nothing of the root.',
    steps: ({ inspect }) => [
      { name: 'control', run: '$B stat -c %d / >/dev/null' },
      {
        name: 'touch',
        run: `found=; r=$($B stat -c %d /); try() { f="\${d%/}/.pitwall-w"; e=$($B touch "$f" 2>&1) && { $B rm -f "$f"; found=1; echo "$d|made|"; } || echo "$d|refused|$e"; }; for d in ${rootFolders(inspect)}; do [ -d "$d" ] && [ "$($B stat -c %d "$d")" = "$r" ] || continue; try; done\n${searching('try')}`,
        bytes: 16_384,
        seconds: searchSeconds,
      },
    ],
    judge: readOnlyRoot,
    weakness: { in: 'open' },
  },
  {
    id: 'FS-02',
    group: 'filesystem',
    title: 'Nothing that is written can be run',
    attempt: 'Copies a program into each place of the dummy that may be written, also those that a search finds, runs it, and removes it.',
    severity: 'high',
    safety: 'dummy-only',
    reading: 'A copy that runs is broken. One that cannot be written (EROFS, EACCES) or not run (EACCES: noexec) holds.',
    control: 'The program itself runs where it is; and all that the original may write was tried in its dummy.',
    steps: (ground) => [
      { name: 'control', run: '$B true' },
      { name: 'run', run: marked(ground.mark, dropAndRun(ground)), bytes: 16_384, seconds: searchSeconds },
    ],
    judge: (facts) => fromStep(facts, 'run', (result) => searchedWhole(whole(writtenAndRun(facts, result.output), result), result.output)),
    weakness: { in: 'open' },
  },
  {
    id: 'FS-17',
    group: 'filesystem',
    title: 'Its user may not change its code',
    attempt:
      'Opens for writing, without writing, its program, /etc/passwd and where jobs and pages lie; makes and removes a file in their folders and in those of its PATH.',
    severity: 'high',
    safety: 'dummy-only',
    reading: 'What opens is broken. EROFS, EACCES and EPERM hold.',
    control: 'At least one of these paths is there.',
    steps: ({ inspect }) => [
      { name: 'paths', run: `${programOf(inspect)}; echo "$p"` },
      { name: 'code', run: `${programOf(inspect)}; ${replacing(codeOf(inspect))}`, bytes: 4_096 },
      { name: 'open', run: openings(ownFiles) },
      {
        name: 'make',
        run: `for d in ${[...new Set([...ownFolders, ...pathOf(inspect).filter((path) => plainPath.test(path))])].join(' ')}; do [ -d $d ] || continue; f=$d/.pitwall-w; e=$($B touch $f 2>&1) && { $B rm -f $f; echo "$d/ opened"; } || echo "$d/ refused $e"; done`,
        bytes: 8_192,
      },
    ],
    judge: ownCode,
    weakness: { in: 'open' },
  },
  {
    id: 'FS-18',
    group: 'filesystem',
    title: 'No program was added or changed since its start',
    attempt: 'Asks the API what changed in the original’s layer, and which of that may be executed.',
    severity: 'high',
    safety: 'read-only',
    reading: 'A file that may be executed and was added or modified is broken.',
    control: 'The API gave the changes, and each could be looked at.',
    judge: (facts) => {
      const { changes, executables, inspect } = facts;
      if (changes === null) return inconclusive('the engine did not say what changed');
      if (executables === null) return inconclusive(`${changes.length} changes are too many to look at each`);
      if (executables.length > 0) {
        const modified = new Set(changes.filter(({ kind }) => kind === 'modified').map(({ path }) => path));
        const some = executables.slice(0, 8).map((path) => `${path} (${modified.has(path) ? 'modified' : 'added'})`);
        return broken(`${executables.length} such files: ${some.join(', ')}${executables.length > 8 ? ', …' : ''}`);
      }
      return neverRan(inspect)
        ? notApplicable('it never ran, so nothing can have changed')
        : holds(`none of ${changes.length} changes may be executed`);
    },
    weakness: { in: 'open' },
  },
];

const ownFiles = ['/etc/passwd', '/etc/shadow', '/etc/ld.so.preload', '/etc/crontab'];
/** Where a new file would be run, or shown, by somebody else. */
const ownFolders = [
  '/etc',
  '/etc/cron.d',
  '/etc/cron.daily',
  '/var/spool/cron',
  '/var/spool/cron/crontabs',
  '/usr/local/bin',
  '/usr/bin',
  '/var/www',
  '/var/www/html',
  '/usr/share/nginx/html',
  '/usr/local/apache2/htdocs',
];

/** Only such as need no quoting stand in a shell's line. */
const plainPath = /^\/[\w./@+-]*$/;

function rootFolders(inspect: Ground['inspect']): string {
  const { WorkingDir } = inspect.Config as { readonly WorkingDir?: string };
  const home = (inspect.Config.Env ?? []).find((entry) => entry.startsWith('HOME='))?.slice('HOME='.length);
  const named = [WorkingDir, home].filter((path): path is string => path !== undefined && plainPath.test(path));
  return [...new Set(['/', '/tmp', '/var/tmp', '/run', '/var/run', '/var/lib', '/var/cache', '/var/log', ...named])].join(' ');
}

function readOnlyRoot(facts: Facts): Answer {
  const { ReadonlyRootfs } = facts.inspect.HostConfig;
  if (facts.unattempted !== null && isPrivileged(facts.inspect) && ReadonlyRootfs !== true)
    return broken('the API says that it is privileged and its root file system is not read-only');
  return fromStep(facts, 'touch', (result) => searchedWhole(whole(touched(result.output, ReadonlyRootfs === true), result), result.output));
}

function touched(output: string, claimed: boolean): Answer {
  const all = output.split('\n').flatMap((line) => {
    const [folder = '', how = '', ...why] = line.split('|');
    return folder.startsWith('/') ? [{ folder, made: how === 'made', errno: errnoOf(why.join('|')) }] : [];
  });
  if (all.length === 0) return inconclusive('nothing was tried');
  const made = all.filter((one) => one.made).map(({ folder }) => folder);
  if (made.length > 0) {
    const answer = broken(`a file could be made in ${made.join(', ')}`);
    return claimed
      ? { ...answer, disagreement: `the API says that the root file system is read-only, and a file could be made in ${made.join(', ')}` }
      : answer;
  }
  const unknown = all.find(({ errno }) => errno === null || !['EROFS', 'EACCES', 'EPERM'].includes(errno));
  if (unknown !== undefined) return inconclusive(`the answer of ${unknown.folder} is none that is known`);
  if (all.every(({ errno }) => errno === 'EROFS')) return holds('it is mounted read-only (EROFS)');
  return claimed
    ? holds('it is read-only by the API, and no file could be made')
    : holds(`no file could be made in ${all.map(({ folder }) => folder).join(', ')}, by permission alone: its root could`);
}

/** Lines `DIR|how|answer`: `copy` when it could not be written, `run` when it was, with its exit code. */
function dropAndRun({ inspect, scratch, mark }: Ground): string {
  const own = [...scratch, '/dev/shm', ...tmpfsOf(inspect)].filter((path) => plainPath.test(path));
  const argument = mark === null ? '' : ' "$PITWALL_MARK"';
  return [
    'found=; r=$($B stat -c %d /)',
    'drop() {',
    // busybox takes a name that begins so for its own, and then its first argument for the applet; a script runs with the same right
    '  f="$1/busybox-pitwall"; e=$($B cp $B "$f" 2>&1) || case "$e" in',
    '    *"No space"*) $B rm -f "$f"; e=$( { printf \'#!%s sh\\n\' "$B" > "$f" && $B chmod 755 "$f"; } 2>&1 ) || { $B rm -f "$f"; echo "$1|copy|$e"; return; } ;;',
    '    *) echo "$1|copy|$e"; return ;;',
    '  esac',
    `  e=$("$f" true${argument} 2>&1); c=$?; [ $c = 0 ] && found=1; echo "$1|run|$c|$e"; $B rm -f "$f"`,
    '}',
    `for d in ${[...new Set(own)].join(' ')}; do [ -d "$d" ] && drop "$d"; done`,
    // what lies on another device is a mount of which nothing is known
    `for d in ${rootFolders(inspect)}; do [ -d "$d" ] && [ "$($B stat -c %d "$d")" = "$r" ] && drop "\${d%/}"; done`,
    searching(`drop "\${d%/}"`),
  ].join('\n');
}

function tmpfsOf({ HostConfig }: Ground['inspect']): string[] {
  const mounts = (HostConfig.Mounts ?? []).filter(({ Type }) => Type === 'tmpfs').map(({ Target }) => String(Target));
  return [...Object.keys((HostConfig.Tmpfs as object | null | undefined) ?? {}), ...mounts];
}

function writtenAndRun(facts: Facts, output: string): Answer {
  const all = output.split('\n').flatMap((line) => {
    const [folder = '', how = '', ...rest] = line.split('|');
    return how === 'copy' || how === 'run' ? [{ folder: folder === '' ? '/' : folder, how, rest, errno: errnoOf(rest.join('|')) }] : [];
  });
  if (all.length === 0) return inconclusive('nothing was tried');
  const ran = all.filter(({ how, rest }) => how === 'run' && rest[0] === '0').map(({ folder }) => folder);
  if (ran.length > 0) return broken(`a program that was written there runs: ${ran.join(', ')}`);
  const refusals: readonly (Errno | null)[] = ['EROFS', 'EACCES', 'EPERM'];
  const unknown = all.find(({ errno }) => !refusals.includes(errno));
  if (unknown !== undefined) return inconclusive(`the answer of ${unknown.folder} is none that is known`);
  const { Mounts } = facts.inspect;
  const writable = [...Mounts.filter(({ RW }) => RW).map(({ Destination }) => Destination), ...tmpfsOf(facts.inspect)].map(plain);
  const untried = [...new Set(writable)].filter((path) => !all.some(({ folder }) => plain(folder) === path));
  if (untried.length > 0) return inconclusive(`nothing was tried in ${untried.toSorted().join(', ')}, which it may write`);
  // an empty volume stands in for the original's, whose files may be its user's
  const volumes = Mounts.filter(({ RW, Type }) => RW && Type !== 'tmpfs').map(({ Destination }) => Destination);
  const unwritten = all.filter(({ folder, how }) => how === 'copy' && volumes.includes(folder));
  if (unwritten.length > 0)
    return inconclusive(`what stands for ${unwritten.map(({ folder }) => folder).join(', ')} could not be written; the original’s may be`);
  const noexec = all.filter(({ how }) => how === 'run').map(({ folder }) => folder);
  const closed = all.filter(({ how }) => how === 'copy').map(({ folder }) => folder);
  return holds(
    [
      ...(noexec.length > 0 ? [`written but not run: ${noexec.join(', ')}`] : []),
      ...(closed.length > 0 ? [`not written: ${closed.join(', ')}`] : []),
    ].join('; '),
  );
}

/** Without a slash at its end. */
function plain(path: string): string {
  return path.replace(/(?<=.)\/+$/, '');
}

/** Folders in which its programs are looked for by name. */
function pathOf({ Config }: Ground['inspect']): readonly string[] {
  const path = (Config.Env ?? []).find((entry) => entry.startsWith('PATH='))?.slice('PATH='.length) ?? '';
  return path.split(':').filter((folder) => folder.startsWith('/'));
}

/** Sets `p` to the file of its first process: by its path, or found as a shell would. */
function programOf({ Path = '' }: Partial<Pick<Ground['inspect'], 'Path'>>): string {
  if (!/^[\w./@+-]+$/.test(Path)) return 'p=';
  return Path.startsWith('/') ? `p=${Path}` : `p=$($B which ${quoted(Path)} 2>/dev/null)`;
}

/**
 * A file whose folder may be written can be replaced. Only where it may not is the file itself opened: that would copy the whole program into
 * the dummy's layer.
 */
function replacing(code: readonly string[]): string {
  return `for f in $p ${code.join(' ')}; do [ -e "$f" ] || { echo "$f absent"; continue; }; t="\${f%/*}/.pitwall-w"; if $B touch "$t" 2>/dev/null; then $B rm -f "$t"; echo "$f opened"; continue; fi; e=$( { : >> "$f"; } 2>&1 ) && echo "$f opened" || echo "$f refused $e"; done`;
}

/** Arguments that can only be files of code: others may hold secrets, and no secret stands in a step. */
function codeOf({ Args, Config }: Ground['inspect']): readonly string[] {
  const folder = (Config as { readonly WorkingDir?: string }).WorkingDir ?? '/';
  return (Args ?? [])
    .filter((argument) => /^[\w./@+-]+\.(c?js|mjs|ts|py|rb|php|pl|sh|jar)$/.test(argument))
    .map((argument) => (argument.startsWith('/') ? argument : `${folder.replace(/\/$/, '')}/${argument}`))
    .filter((path) => plainPath.test(path));
}

function ownCode(facts: Facts): Answer {
  if (facts.unattempted !== null) return inconclusive(facts.unattempted);
  const steps = ['code', 'open', 'make'].map((name) => facts.step(name));
  if (steps.some((step) => step === null)) return inconclusive('the dummy ended before it answered');
  const all = steps.flatMap((step) => readOpenings(step?.output ?? ''));
  const opened = all.filter(({ how }) => how === 'opened').map(({ path }) => path);
  if (opened.length > 0) return broken(`its user may write ${opened.join(', ')}`);
  const program = facts.step('paths')?.output.trim() ?? '';
  const code = [program, ...codeOf(facts.inspect), ...pathOf(facts.inspect)].filter((path) => path !== '');
  const mounts = facts.inspect.Mounts.filter(({ RW, Destination }) => RW && code.some((path) => isBelow(path, Destination)));
  const odd = pathOf(facts.inspect).filter((path) => !plainPath.test(path));
  if (mounts.length > 0)
    return inconclusive(
      `its code lies in ${mounts.map(({ Destination }) => Destination).join(', ')}, which it may write and its dummy has not`,
    );
  const refused = all.filter(({ how }) => how === 'refused');
  if (refused.length === 0) return inconclusive('none of what was looked for is there');
  const unknown = refused.find(({ errno }) => errno === null || !['EROFS', 'EACCES', 'EPERM'].includes(errno));
  if (unknown !== undefined) return inconclusive(`${unknown.path} was refused for a reason that is not known`);
  if (odd.length > 0) return inconclusive(`nothing was tried in ${odd.join(', ')} of its PATH`);
  return whole(holds(`refused: ${refused.map(({ path, errno }) => `${path} (${errno})`).join(', ')}`), ...steps);
}
