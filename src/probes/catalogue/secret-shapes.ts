/**
 * Tells a secret by its shape or by the name that it goes by. Made to be believed: a false alarm teaches people to look away, so a name alone is
 * not enough where its value cannot be a secret (a path, a switch, a reference), and chance-looking text alone only where hardly anything else looks like it.
 */
export interface SecretFound {
  /** What it goes by: `DB_PASSWORD`, `--token`; what it looks like where it has no name. */
  readonly name: string;
  /** Why it is taken for one, without any of it. */
  readonly why: string;
  /** The secret itself, never to be shown: for `hashed` and for comparing. */
  readonly value: string;
}

/** In variables, `NAME=value` each. */
export function secretsInVariables(variables: readonly string[]): SecretFound[] {
  return variables.flatMap((variable) => {
    const at = variable.indexOf('=');
    const found = at <= 0 ? null : secretInVariable(variable.slice(0, at), variable.slice(at + 1));
    return found === null ? [] : [found];
  });
}

export function secretInVariable(name: string, given: string): SecretFound | null {
  const value = unquoted(given.trim());
  const shape = shapes(value)[0];
  if (shape !== undefined) return { ...shape, name };
  const words = wordsOf(name);
  const sort = sortOf(words);
  if (sort === 'harmless' || !isPlausible(value)) return null;
  if (sort === 'secret' && isLongEnough(value, words)) return { name, why: 'by its name', value };
  if (sort === 'perhaps' && looksRandom(value)) return { name, why: 'by its name and a value that looks random', value };
  return sort === null && looksVeryRandom(value) ? { name, why: 'its value looks random', value } : null;
}

/** In a command line: values of options and assignments, and known shapes anywhere. */
export function secretsInArguments(argv: readonly string[]): SecretFound[] {
  const tokens = argv.flatMap((argument) => tokensOf(argument));
  const found = [
    ...argv.flatMap((argument) => shapes(argument)),
    ...tokens.flatMap((token, index) => inToken(token, tokens[index + 1], tokens)),
  ];
  return found.filter(({ value }, index) => !found.slice(0, index).some((one) => one.value.includes(value) || value.includes(one.value)));
}

/** In text that holds commands, as an image's history does. */
export function secretsInText(text: string): SecretFound[] {
  return secretsInArguments([text]);
}

const known: readonly (readonly [name: string, shape: RegExp])[] = [
  ['a private key', /-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----/],
  ['a private key in base64', /LS0tLS1CRUdJTi(?:[A-Za-z0-9+/]{2,40})(?:UFJJVkFURSBLRV|BSSVZBVEUgS0VZ|QUklWQVRFIEtFW)[A-Za-z0-9+/]*/],
  ['an AWS access key', /(?<![A-Z0-9])(?:AKIA|ASIA)[A-Z2-7]{16}(?![A-Z0-9])/],
  ['a GitHub token', /(?<!\w)(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_\w{50,})/],
  ['a GitLab token', /(?<!\w)gl(?:pat|ptt|dt|rt|cbt|soat)-[\w-]{20,}/],
  ['a Slack token', /(?<!\w)xox[abeoprs]-[\w-]{10,}/],
  ['a Slack webhook', /hooks\.slack\.com\/services\/T\w{6,}\/B\w{6,}\/\w{16,}/],
  ['a Stripe key', /(?<!\w)(?:sk|rk)_(?:live|test)_\w{10,}/],
  ['a Google API key', /(?<!\w)AIza[\w-]{35}(?!\w)/],
  ['an npm token', /(?<!\w)npm_[A-Za-z0-9]{36}(?!\w)/],
  ['a PyPI token', /(?<!\w)pypi-AgEIcHlwaS5vcmc[\w-]{40,}/],
  ['a Docker Hub token', /(?<!\w)dckr_(?:pat|oat)_[\w-]{20,}/],
  ['a SendGrid key', /(?<!\w)SG\.[\w-]{16,32}\.[\w-]{30,64}/],
  ['a Vault token', /(?<!\w)hv[sbr]\.[\w-]{20,}/],
  ['a Hugging Face token', /(?<!\w)hf_[A-Za-z0-9]{30,}/],
  ['a DigitalOcean token', /(?<!\w)do[opr]_v1_[a-f0-9]{64}/],
  ['a Shopify token', /(?<!\w)shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}/],
  ['an API key of a language model', /(?<!\w)sk-(?:ant-|proj-|svcacct-|or-)[\w-]{20,}/],
  ['an age key', /AGE-SECRET-KEY-1[A-Z0-9]{40,}/],
  ['a storage account key', /(?:Account|SharedAccess)Key=[A-Za-z0-9+/]{40,}=*/],
  ['a JSON Web Token', /(?<![\w-])eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{16,}/],
  ['a password in a URL', /[a-z][a-z0-9+.-]{1,30}:\/\/[^\s:/?#@'"]{0,128}:([^\s/?#@'"]{1,256})@/i],
  ['an authorization header', /authorization:\s{0,4}(?:bearer|basic|token)\s{1,4}([^\s'"]{8,})/i],
];

/** Known shapes, with what they stand for. */
function shapes(text: string): SecretFound[] {
  return known.flatMap(([name, shape]) => {
    const match = shape.exec(text);
    const value = match?.[1] ?? match?.[0];
    return value === undefined || isReference(value) || isMask(value) ? [] : [{ name, why: `it has the shape of ${name}`, value }];
  });
}

function inToken(token: string, next: string | undefined, all: readonly string[]): SecretFound[] {
  const [, dashes = '', name, value] = /^(-{0,2})([A-Za-z][\w.-]*)=(.+)$/s.exec(token) ?? [];
  if (name !== undefined && value !== undefined) return named(dashes + name, secretInVariable(name, value));
  const [, option] = /^--?([A-Za-z][\w-]+)$/.exec(token) ?? [];
  if (option !== undefined && next !== undefined && !next.startsWith('-') && sortOf(wordsOf(option)) === 'secret')
    return named(token, secretInVariable(option, next));
  const runs = (...programs: readonly string[]) => all.some((one) => programs.includes(one.split('/').at(-1) ?? ''));
  const given = (value: string) => (isPlausible(value) ? [{ name: token, why: 'it is given as a password', value }] : []);
  if (token === '-p' && next !== undefined && runs('sshpass')) return given(next);
  if ((token === '-u' || token === '--user') && runs('curl')) return given(/^[^:\s]+:(\S{3,})$/.exec(next ?? '')?.[1] ?? '');
  if (/^-p.{3,}$/.test(token) && runs('mysql', 'mariadb', 'mysqldump', 'mysqladmin', 'sshpass'))
    return given(token.slice(2)).map((found) => ({ ...found, name: '-p' }));
  return [];
}

function named(name: string, found: SecretFound | null): SecretFound[] {
  return found === null ? [] : [{ ...found, name }];
}

/** As a shell would cut it, near enough. */
function tokensOf(text: string): string[] {
  return [...text.matchAll(/(?:[^\s'";|&]|'[^']*'|"[^"]*")+/g)].map(([token]) => unquoted(token));
}

function unquoted(text: string): string {
  return /^(['"])(.*)\1$/s.exec(text)?.[2] ?? text;
}

/** `dbPassword`, `DB-PASSWORD` and `DB_PASSWORD` are the same. */
function wordsOf(name: string): string[] {
  const words = name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toUpperCase()
    .split(/[^A-Z0-9]+/);
  return words.filter((word) => word !== '');
}

const trailing = /^(?:\d+|OLD|NEW|PREVIOUS|CURRENT|PRIMARY|SECONDARY|TEST|PROD|DEV|B64|BASE64|PLAIN|RAW|VALUE|STRING)$/;
const secretWord =
  /^(?:PASS|PWD|CREDENTIALS?|REQUIREPASS|MASTERAUTH)$|(?:PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|APIKEY|SECRETKEY|PRIVATEKEY)$/;
const keyOf =
  /^(?:API|SECRET|ACCESS|PRIVATE|ENCRYPTION|ENCRYPT|SIGNING|MASTER|AUTH|ACCOUNT|SHARED|SESSION|COOKIE|JWT|SSH|DEPLOY|HMAC|STORAGE|APP|SERVICE|ADMIN|LICENSE|CRYPT|AES|RSA|WEBHOOK|SUBSCRIPTION)$/;
const publicWord = /^(?:PUBLIC|PUBLISHABLE|PUB|SITE|GPG|PUBKEY|PUBLICKEY|ALLOW|RANDOM|REQUIRE|DISABLE|ENABLE|USE|SKIP)$/;
const harmlessWord =
  /^(?:SHA\d*|DIGESTS?|CHECKSUMS?|HASH|MD5|COMMIT|REVISION|VERSION|FINGERPRINT|CERT|CERTS|CERTIFICATE|IDS?|URL|URI|PATH|DIR|FILE|NAME|INTEGRITY|OPTS|FLAGS|COLORS|GPG|GPGKEYS?|PUBLIC|PUBKEY|KEYS|PROMPT|PS\d)$/;

/** What a name says of its value; null: nothing. */
function sortOf(words: readonly string[]): 'secret' | 'perhaps' | 'harmless' | null {
  const end = words.findLastIndex((word) => !trailing.test(word));
  const last = words[end] ?? '';
  const before = words[end - 1] ?? '';
  // PWD alone is where one is
  if (last === 'PWD' && before === '') return 'harmless';
  if (words.some((word) => publicWord.test(word))) return 'harmless';
  if (secretWord.test(last)) return 'secret';
  if (last === 'KEY' && keyOf.test(before)) return 'secret';
  if (last === 'BASE' && before === 'KEY') return 'secret';
  if (['KEY', 'AUTH', 'SALT', 'SEED'].includes(last)) return 'perhaps';
  return harmlessWord.test(last) ? 'harmless' : null;
}

const switches = /^(?:true|false|yes|no|on|off|0|1|none|null|nil|undefined|enabled?|disabled?|redacted|required|optional|auto|default)$/i;

function isPlausible(value: string): boolean {
  return !(value === '' || switches.test(value) || isMask(value) || isReference(value) || isPath(value) || isPlainUrl(value));
}

/** A password may be short; a token or key is not, and a number is a count. */
function isLongEnough(value: string, words: readonly string[]): boolean {
  if (words.some((word) => /^(?:TOKEN|KEY|SECRET|CREDENTIALS?)$|TOKEN$|SECRET$/.test(word)))
    return value.length >= 6 && !/^\d{1,7}$/.test(value);
  return value.length >= 3;
}

function isMask(value: string): boolean {
  return /^(?:[*.•]+|[xX]+|<[^<>]*>|\[[^[\]]*\])$/.test(value);
}

/** It names where the secret is. */
function isReference(value: string): boolean {
  return /^(?:\$|%\w+%$|\{\{|@Microsoft\.KeyVault|arn:aws:|(?:vault|op|ssm|awssm|gcpsm|sm|azkv|secretref|ref|keyring|env|file|pkcs11):)/i.test(
    value,
  );
}

function isPath(value: string): boolean {
  const path = /^(?:~|\.{1,2})?\/[\w.@-]+(?:\/[\w.@-]+)*\/?$/.test(value);
  return path && !value.split('/').some((part) => part.length >= 20 && looksRandom(part));
}

function isPlainUrl(value: string): boolean {
  return /^[a-z][a-z0-9+.-]+:\/\/[^\s@]+$/i.test(value);
}

function looksRandom(value: string): boolean {
  if (value.length < 20 || !/^[\w+/=.~-]+$/.test(value)) return false;
  const classes = [/[a-z]/, /[A-Z]/, /\d/].filter((one) => one.test(value)).length;
  return classes >= 2 && (value.match(/\d/g) ?? []).length >= 2 && entropy(value) >= 3.3;
}

/** Nothing that people or build tools write looks like that: no hexadecimal digest, no UUID, no path, no words in camel case. */
function looksVeryRandom(value: string): boolean {
  if (value.length < 32 || value.length > 512 || !/^[\w+=-]+$/.test(value)) return false;
  if (!/[a-z]/.test(value) || !/[A-Z]/.test(value)) return false;
  const inWords = (value.match(/[A-Z]?[a-z]{3,}/g) ?? []).join('').length / value.length;
  const digits = (value.match(/\d/g) ?? []).length;
  // chance has few digits now and then; names have hardly any, and are made of words and capitals that stand together
  if (digits < 3) return entropy(value) >= 4.5 && inWords < 0.5 && !/[A-Z]{5}|[_-]/.test(value);
  return entropy(value) >= 4.3 && inWords < 0.6;
}

/** Bits a character, by how often each occurs. */
function entropy(text: string): number {
  const counts = new Map<string, number>();
  for (const char of text) counts.set(char, (counts.get(char) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}
