import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run, which } from '../lib/run.mjs';

/** Whether packages can be fetched and unpacked here: Debian or a descendant with apt. */
export async function hasDebianTools() {
  return process.platform === 'linux' && Boolean(await which('apt-get')) && Boolean(await which('dpkg-deb'));
}

/** What goes in apt's sources.list for a suite; `host` is what this machine itself uses. */
export async function sourcesFor(suite) {
  if (suite === 'host') return hostSources();
  return `deb ${signedBy()}${await debianArchive()} ${suite} main\n`;
}

/**
 * The Debian archive that this machine's own apt uses, so that a mirror or a proxy that works here is the one that is asked;
 * on a descendant of Debian, Debian's own. PITWALL_DEBIAN_ARCHIVE overrides it.
 */
async function debianArchive() {
  if (process.env.PITWALL_DEBIAN_ARCHIVE) return process.env.PITWALL_DEBIAN_ARCHIVE;
  const targets = await run('apt-get', ['indextargets', '--format', '$(REPO_URI)', 'Created-By: Packages', 'Component: main'], {
    anyway: true,
  });
  const found = [...targets.out.split('\n'), ...hostEntries().map((entry) => entry.uri)].find((uri) => /\/debian\/?$/.test(uri));
  return found ?? 'http://deb.debian.org/debian';
}

function signedBy() {
  const keyring = ['/usr/share/keyrings/debian-archive-keyring.gpg', '/usr/share/keyrings/debian-archive-keyring.pgp'].find(existsSync);
  return keyring ? `[signed-by=${keyring}] ` : '';
}

function hostSources() {
  const lines = hostEntries().map(({ uri, suite, components, options }) => `deb ${options}${uri} ${suite} ${components}`);
  return `${[...new Set(lines)].join('\n')}\n`;
}

/** This machine's entries, from either of the two formats. */
function hostEntries() {
  const parts = '/etc/apt/sources.list.d';
  const files = ['/etc/apt/sources.list', ...(existsSync(parts) ? readdirSync(parts).map((name) => join(parts, name)) : [])];
  return files
    .filter(existsSync)
    .flatMap((file) => {
      const text = readFileSync(file, 'utf8');
      if (file.endsWith('.sources')) return text.split(/\n\s*\n/).flatMap(stanza);
      return file.endsWith('.list') ? text.split('\n').flatMap(oneLine) : [];
    })
    .filter(({ uri }) => /debian|ubuntu/.test(uri));
}

function oneLine(line) {
  const match = /^deb\s+(\[[^\]]*\]\s+)?(\S+)\s+(\S+)\s+(.+)$/.exec(line.trim());
  return match ? [{ options: match[1] ?? '', uri: match[2], suite: match[3], components: match[4] }] : [];
}

function stanza(text) {
  const field = (name) => new RegExp(`^${name}:\\s*(.+)$`, 'mi').exec(text.replace(/^#.*$/gm, ''))?.[1]?.trim();
  if (!/\bdeb\b/.test(field('Types') ?? '') || field('Enabled') === 'no') return [];
  const signed = field('Signed-By');
  const options = signed?.startsWith('/') ? `[signed-by=${signed}] ` : '';
  return (field('URIs') ?? '')
    .split(/\s+/)
    .flatMap((uri) =>
      (field('Suites') ?? '').split(/\s+/).map((suite) => ({ options, uri, suite, components: field('Components') ?? '' })),
    );
}
