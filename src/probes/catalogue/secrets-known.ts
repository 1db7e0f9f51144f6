import type { ContainerInspect } from '../../domain/engine/containers.ts';
import type { Facts, Step } from '../probe.ts';
import { type SecretFound, secretsInVariables } from './secret-shapes.ts';

/** Names, reasons and hashes; never values. */
export function listed(found: readonly SecretFound[], { hashed }: Pick<Facts, 'hashed'>): string {
  const texts = [...new Set(found.map(({ name, why, value }) => `${name} (${why}; hash ${hashed(value)})`))];
  return texts.length <= mostListed ? texts.join(', ') : `${texts.slice(0, mostListed).join(', ')} and ${texts.length - mostListed} more`;
}

const mostListed = 5;

/** Where a mount is that holds a secret, by its name. */
export const secretPaths =
  /^\/(?:var\/)?run\/secrets(?:\/|$)|(?:secret|credential|password|passwd|token|private[-_]?key)|\.(?:key|p12|pfx|jks)$/i;

/** Folders and files of a container in which its secrets are. */
export function secretTargets(inspect: ContainerInspect): string[] {
  const named = (inspect.Mounts ?? []).map(({ Destination }) => Destination).filter((path) => secretPaths.test(path));
  return [...new Set(['/run/secrets', '/var/run/secrets', ...named])];
}

/** The contents of the mounted secrets, in base64, one a line, after its path. */
export const readMounted = (inspect: ContainerInspect): Step => ({
  name: 'mounted',
  run: `for f in $($B find ${secretTargets(inspect)
    .filter((path) => /^[\w./@-]+$/.test(path))
    .join(
      ' ',
    )} -type f -size -8k 2>/dev/null | $B head -n 20); do $B printf '%s ' "$f"; $B base64 -w 0 "$f" 2>/dev/null; $B printf '\\n'; done; $B true`,
  bytes: 65_536,
  confidential: true,
});

/** Folders and files of the host, and volumes, that are mounted as secrets. */
export function secretFiles({ Mounts }: ContainerInspect): string[] {
  return Mounts.filter(({ Destination, Source }) => secretPaths.test(Destination) && Source !== '').map(({ Source }) => Source);
}

/** Why what is mounted as a secret is not among those that are known; null where it is, or nothing is mounted. */
export function whyUnread(facts: Facts, known: readonly SecretFound[]): string | null {
  if (facts.step('mounted')?.cut === true) return 'its mounted secrets are too long to be read whole';
  if (secretFiles(facts.inspect).length === 0 || known.some(({ why }) => why === 'mounted')) return null;
  return facts.unattempted ?? 'its mounted secrets could not be read: the dummy has none of them, or its user may not';
}

/** Values that the target has: of its environment, and of files that are mounted as secrets. */
export function secretsKnown(facts: Facts): SecretFound[] {
  const mounted = (facts.step('mounted')?.output ?? '').split('\n').flatMap((line): SecretFound[] => {
    const [path = '', content = ''] = line.split(' ');
    const value = Buffer.from(content, 'base64').toString().trim();
    return !path.startsWith('/') || value === '' || value.includes('\n') ? [] : [{ name: path, why: 'mounted', value }];
  });
  return [...secretsInVariables(facts.inspect.Config.Env ?? []), ...mounted];
}
