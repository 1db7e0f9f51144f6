/** The token and its key, made at the first start: RSA, sensitive and not extractable. All that is asked of it goes through PKCS#11. */
import { execFile, execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const home = '/anchor';
const module = readdirSync('/usr/lib', { recursive: true })
  .map((name) => `/usr/lib/${name}`)
  .find((name) => name.endsWith('/libsofthsm2.so'));
const run = promisify(execFile);

export async function openToken() {
  const fresh = !existsSync(`${home}/pin`);
  if (fresh) {
    mkdirSync(`${home}/tokens`, { recursive: true });
    writeFileSync(`${home}/softhsm2.conf`, `directories.tokendir = ${home}/tokens\nobjectstore.backend = file\n`);
    writeFileSync(`${home}/pin`, randomBytes(12).toString('hex'), { mode: 0o600 });
  }
  const env = { ...process.env, SOFTHSM2_CONF: `${home}/softhsm2.conf`, PIN: readFileSync(`${home}/pin`, 'utf8') };
  const tool = (...args) => run('pkcs11-tool', ['--module', module, ...args], { env });
  const user = ['--token-label', 'anchor', '--login', '--pin', 'env:PIN'];
  if (fresh) {
    await tool('--init-token', '--slot-index', '0', '--label', 'anchor', '--so-pin', 'env:PIN');
    await tool('--token-label', 'anchor', '--login', '--login-type', 'so', '--so-pin', 'env:PIN', '--init-pin', '--pin', 'env:PIN');
    await tool(...user, '--keypairgen', '--key-type', 'rsa:2048', '--id', '01', '--label', 'orders', '--usage-decrypt');
  }
  execFileSync(
    'pkcs11-tool',
    ['--module', module, '--token-label', 'anchor', '--read-object', '--type', 'pubkey', '--id', '01', '-o', '/tmp/public.der'],
    {
      env,
      stdio: 'ignore',
    },
  );
  // one after the other: the token's files are locked by whoever reads them
  let last = Promise.resolve();
  const publicKey = readFileSync('/tmp/public.der').toString('base64');
  return {
    /** SubjectPublicKeyInfo, DER in base64. */
    publicKey,
    decrypt(envelope) {
      const mine = last.then(() => decrypt(envelope));
      last = mine.catch(() => undefined);
      return mine;
    },
    /** Asks the token for its key, and says what it answers. */
    async whyNotExported() {
      const { stdout } = await tool(...user, '--list-objects', '--type', 'privkey');
      return /never extractable/.test(stdout) ? 'the key is never extractable' : 'the key may not be taken';
    },
  };

  async function decrypt(envelope) {
    const folder = await mkdtemp('/tmp/open-');
    try {
      await writeFile(`${folder}/in`, envelope);
      const how = ['--mechanism', 'RSA-PKCS-OAEP', '--hash-algorithm', 'SHA-1', '--mgf', 'MGF1-SHA1'];
      await tool(...user, '--decrypt', '--id', '01', ...how, '-i', `${folder}/in`, '-o', `${folder}/out`);
      return await readFile(`${folder}/out`);
    } finally {
      await rm(folder, { recursive: true });
    }
  }
}
