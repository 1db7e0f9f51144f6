import { broken, holds, inconclusive, type Probe } from '../probe.ts';
import { fromStep } from '../read.ts';
import { linesOf } from './history.ts';

/** What an intruder would work with, by what it is good for. */
const tools: Readonly<Record<string, readonly string[]>> = {
  shells: ['sh', 'bash', 'dash', 'ash', 'zsh', 'ksh', 'fish'],
  'package managers': ['apt', 'apt-get', 'dpkg', 'apk', 'yum', 'dnf', 'microdnf', 'rpm', 'zypper', 'pacman', 'pip', 'pip3', 'npm', 'gem'],
  compilers: ['gcc', 'cc', 'g++', 'clang', 'tcc', 'make', 'go', 'rustc', 'javac'],
  'network tools': ['curl', 'wget', 'nc', 'ncat', 'netcat', 'socat', 'telnet', 'ssh', 'scp', 'ftp', 'tcpdump', 'nmap', 'dig', 'nslookup'],
};
/** One shell starts a service, and is let pass. */
const budget: Readonly<Record<string, number>> = { shells: 1 };

const standard = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export const attackSurface: Probe = {
  id: 'IMG-08',
  group: 'image',
  title: 'Few tools for an intruder',
  attempt: 'Looks for shells, package managers, compilers and network tools in the image’s search path.',
  severity: 'low',
  safety: 'read-only',
  reading: 'More than one shell, or any of the others, is broken.',
  control: 'The same search finds the dummy’s own busybox.',
  steps: () => [
    { name: 'control', run: '[ -x /.probe/busybox ] && [ ! -x /.probe/nc ]' },
    {
      name: 'tools',
      // the shell alone: no process for each name
      run: `p=$PATH:${standard}; IFS=:; for d in $p; do case "$d" in /.probe) continue;; esac; IFS=' '; for t in ${Object.values(tools).flat().join(' ')}; do [ -f "$d/$t" ] && [ -x "$d/$t" ] && $B printf '%s\\n' "$t"; done; IFS=:; done; $B echo end`,
      bytes: 8_192,
    },
  ],
  judge: (facts) =>
    fromStep(facts, 'tools', ({ output }) => {
      const lines = linesOf(output);
      if (lines.at(-1) !== 'end') return inconclusive('the search did not come to its end');
      const there = new Set(lines);
      const found = Object.entries(tools).map(([sort, names]) => ({ sort, names: names.filter((name) => there.has(name)) }));
      const megabytes = Math.round(facts.image.Size / 1e6);
      const over = found.filter(({ sort, names }) => names.length > (budget[sort] ?? 0));
      if (over.length === 0)
        return holds(`none but ${found.flatMap(({ names }) => names).join(', ') || 'what it runs'}, in ${megabytes} MB`);
      return broken(`${over.map(({ sort, names }) => `${sort}: ${names.join(', ')}`).join('; ')}, in ${megabytes} MB`);
    }),
  weakness: { in: 'tooled' },
};

const dayMs = 86_400_000;

export const billOfMaterials: Probe = {
  id: 'IMG-10',
  group: 'image',
  title: 'It has a bill of materials of its own age',
  attempt: 'Looks for SPDX and CycloneDX files in the image, and for attestations that the engine has of it.',
  severity: 'low',
  safety: 'read-only',
  reading:
    'None, or one that is older than the image by more than a day, is broken; where it came from a registry, one may be there, which is not asked.',
  control: 'The search comes to its end.',
  steps: () => [
    {
      name: 'files',
      run: `$B find / -xdev -type f \\( -name '*.spdx' -o -name '*.spdx.json' -o -name '.spdx-*' -o -name '*.cdx.json' -o -name '*.cdx.xml' -o -name 'sbom*.json' -o -name 'bom.json' -o -name 'bom.xml' -o -name 'sbom' \\) -exec $B stat -c '%Y %n' {} + 2>/dev/null | $B head -n 20; $B echo end`,
      seconds: 8,
      aside: true,
    },
  ],
  judge: (facts) =>
    fromStep(facts, 'files', ({ exitCode, output }) => {
      const lines = linesOf(output);
      const made = Date.parse(facts.image.Created);
      const files = lines.flatMap((line) => {
        const [, seconds, path] = /^(\d+) (\/.*)$/.exec(line) ?? [];
        return path === undefined ? [] : [{ path, at: Number(seconds) * 1_000 }];
      });
      // one file of many may be an old library's own
      const newest = files.toSorted((a, b) => b.at - a.at)[0];
      if (newest !== undefined) {
        if (newest.at <= Date.UTC(1980, 0, 2) || !(made > Date.UTC(2013, 2, 20)))
          return inconclusive(`${newest.path} is there, and its age cannot be told`);
        const days = Math.floor((made - newest.at) / dayMs);
        return days > 1 ? broken(`${newest.path} is ${days} days older than the image`) : holds(`${newest.path} is as old as the image`);
      }
      if (exitCode !== 0 || lines.at(-1) !== 'end') return inconclusive('the search did not come to its end');
      if ((facts.image.RepoDigests ?? []).length > 0) return inconclusive('none in the image; its registry may have one, and is not asked');
      return broken('none in the image, and no registry has the image, as far as the engine knows');
    }),
  weakness: { in: 'tooled' },
};
