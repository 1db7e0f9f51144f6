import { broken, type Facts, holds, inconclusive, type Probe } from '../probe.ts';
import { fromStep } from '../read.ts';
import { linesOf } from './history.ts';

/** Files that tools keep their credentials in; what is in them decides. */
const names = [
  'credentials',
  'config.json',
  'config',
  'id_*',
  '.git-credentials',
  '.npmrc',
  '.pypirc',
  '.netrc',
  '.pgpass',
  '.my.cnf',
  '.env',
  '.dockercfg',
  '.vault-token',
  '*.pem',
  '*.key',
  'application_default_credentials.json',
  'service-account*.json',
];

/** Examples and test data of libraries, and certificates of the authorities. */
const spared = ['test', 'tests', 'testdata', 'fixtures', 'examples', 'ca-certificates'];

const content = [
  '-----BEGIN ([A-Z]+ )?PRIVATE KEY-----',
  '^ *aws_secret_access_key *=',
  '"(auth|identitytoken)": *"[^"]',
  '_auth(Token)? *= *[^$ ]',
  '_password *= *[^$ ]',
  '^ *password *[=:]',
  'password [^ ]',
  'client-key-data: ',
  '^ *token: ',
  'https?://[^:/ ]+:[^@/ ]+@',
  '"private_key": *"',
  '^[^:#]*:[0-9*]+:[^:]*:[^:]*:[^:]',
  '^hv[sb][.]',
  '^[A-Za-z_]*(PASSWORD|SECRET|TOKEN|API_KEY) *= *[^ $/]{4}',
].join('|');

const find = [
  `$B find / -xdev \\( -path /etc/ssl/certs -o ${spared.map((name) => `-name ${name} -type d`).join(' -o ')} \\) -prune -o`,
  `-type f -size -64k \\( ${names.map((name) => `-name '${name}'`).join(' -o ')} \\) ! -name '*snakeoil*'`,
  `-exec $B grep -lsE -e '${content}' {} + 2>/dev/null`,
].join(' ');

export const strayCredentials: Probe = {
  id: 'SEC-05',
  group: 'secrets',
  title: 'No credentials left in the file system',
  attempt:
    'Looks for credential files of common tools and private keys in the image, as its user, and for the names of such files in what changed since.',
  severity: 'high',
  safety: 'read-only',
  reading:
    'A file with that name and with a credential in it is broken. Mounts, test data of libraries and files that its user may not read are left out.',
  control: 'The search sees files, and its pattern finds a key that is there.',
  steps: () => [
    {
      name: 'control',
      run: `[ -n "$($B find / -xdev -maxdepth 1 ! -path / 2>/dev/null | $B head -n 1)" ] && $B printf '%s PRIVATE KEY-----\\n' '-----BEGIN' | $B grep -qE -e '${content}'`,
    },
    { name: 'find', run: `${find} | $B head -n 20; $B echo end`, seconds: 8, aside: true },
  ],
  judge: (facts) => {
    const added = inChanges(facts);
    const late = added.length > 0 ? broken(`written since its creation: ${added.join(', ')}`) : null;
    const answer = fromStep(facts, 'find', ({ exitCode, output }) => {
      const lines = linesOf(output);
      const files = lines.filter((line) => line.startsWith('/'));
      if (files.length > 0)
        return broken(`${files.slice(0, 5).join(', ')}${files.length > 5 ? ' and more' : ''}: its user can read a credential there`);
      if (exitCode !== 0 || lines.at(-1) !== 'end') return inconclusive('the search did not come to its end');
      return holds('none of the usual files in its image has a credential that its user can read');
    });
    return answer.state === 'broken' || late === null ? answer : late;
  },
  weakness: { in: 'careless' },
};

const strayName =
  /\/(?:\.aws\/credentials|\.git-credentials|\.ssh\/id_[^/.]+|\.kube\/config|\.netrc|\.pgpass|\.vault-token|\.npmrc|\.pypirc)$/;

/** In the original's own layer, by name alone; what only marks where something is mounted is not its own. */
function inChanges({ changes, inspect }: Facts): string[] {
  const mounted = inspect.Mounts.map(({ Destination }) => Destination);
  return (changes ?? []).flatMap(({ path, kind }) => (kind !== 'deleted' && strayName.test(path) && !mounted.includes(path) ? [path] : []));
}
