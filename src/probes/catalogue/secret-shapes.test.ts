import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { secretInVariable, secretsInArguments, secretsInText, secretsInVariables } from './secret-shapes.ts';

const names = (variables: readonly string[]) => secretsInVariables(variables).map(({ name }) => name);

describe('variables', () => {
  test.each([
    'PAYMENT_API_KEY=sk_test_planted_4eC39HqLyjWDarjtT1zdp7dc',
    'DB_PASSWORD=hunter2',
    'DB_PASSWORD_2=hunter2',
    'POSTGRES_PASSWORD=changeme',
    'PGPASSWORD=1234',
    'dbPassword=s3cret!',
    'redis.requirepass=opensesame',
    'JWT_SECRET=not-so-secret',
    'SECRET_KEY_BASE=0123456789abcdef0123456789abcdef',
    'APP_KEY=base64:qjd9DIvwP5CChRIUFFSLp6lFMZO0H7ghjXzSiKRC1cA=',
    'DATABASE_URL=postgres://shop:hunter2@db:5432/shop',
    'BACKEND=amqp://:guest-of-honour@mq/',
    'AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE',
    'SOMETHING=ghp_0123456789abcdefghijABCDEFGHIJ012345',
    'CERT=-----BEGIN EC PRIVATE KEY-----\nMHcCAQEE\n-----END EC PRIVATE KEY-----',
    'UNNAMED=Zk3v9QpL2xT7mB8nR4sW1yC6dF0gH5jKaE',
    'GREETING=ZkvxQpLyTwmBhnRcsWdyCfdFrgHtjKaEuXo7iVb',
    'PARTNER_KEY=9f8a7b6c5d4e3f2a1b0c9d8e',
  ])('found: %s', (variable) => {
    expect(secretsInVariables([variable])).toHaveLength(1);
  });

  test.each([
    'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    'HOSTNAME=0123456789ab',
    'PWD=/home/app',
    'GPG_KEY=A035C8C19219BA821ECEA86B64E628F8D684696D',
    'GPG_KEYS=42670A7FE4D0441C8E4632349E4FDC074A4EF02D 5A52880781F755608BF815FC910DEB46F53EA312',
    'PYTHON_SHA256=8fb5f9fbc7609fa822cb31549884575db7fd9657cbffb89510b5d7975963a83a',
    'NODE_VERSION=20.19.2',
    'DB_PASSWORD=',
    'DB_PASSWORD_FILE=/run/secrets/db',
    'DB_PASSWORD=/run/secrets/db',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is a shell's
    'POSTGRES_PASSWORD=${DB_PASSWORD}',
    'API_TOKEN=vault:secret/data/app#token',
    'ALLOW_EMPTY_PASSWORD=yes',
    'MYSQL_RANDOM_ROOT_PASSWORD=1',
    'TOKEN_TTL=3600',
    'MAX_TOKEN=4096',
    'PASSWORD_MIN_LENGTH=12',
    'STRIPE_PUBLISHABLE_KEY=pk_live_0123456789abcdefghij',
    'NEXT_PUBLIC_API_KEY=0123456789abcdefghij',
    'RECAPTCHA_SITE_KEY=6LeIxAcTAAAAAJcZVRqyHh71UMIEGNQ',
    'CACHE_KEY=user_id',
    'TLS_KEY=/etc/tls/server.key',
    'AUTH_TOKEN_URL=https://login.example/token',
    'DATABASE_URL=postgres://shop@db:5432/shop',
    'DATABASE_URL=postgres://shop:$PASSWORD@db/shop',
    'DB_PASSWORD=********',
    'GIT_COMMIT=8fb5f9fbc7609fa822cb31549884575db7fd9657',
    'REQUEST_ID=2f1d7c1e-1f7a-4a52-9f5e-0c1b5f7a9a11',
    'JAVA_OPTS=-Xmx512m -Djava.security.egd=file:/dev/./urandom',
    'LS_COLORS=rs=0:di=01;34:ln=01;36:mh=00',
    'FEATURE=TheQuickBrownFoxJumpsOver2LazyDogs13Times',
    'FEATURE=TheQuickBrownFoxJumpsOverTheLazyDogAgain',
    'POOL=eu-West-Primary-DB-Replica-Group-B-Zone-2',
    'POOL=EUWestPrimaryDBReplicaHTTPAPIGroupBZoneQ2',
    'KEYBOARD_LAYOUT=us',
    'COMPASS=north',
  ])('let be: %s', (variable) => {
    expect(secretsInVariables([variable])).toEqual([]);
  });

  test('the name is said, and why, and never the value', () => {
    const found = secretInVariable('DATABASE_URL', 'postgres://shop:hunter2@db/shop');
    expect(found).toEqual({ name: 'DATABASE_URL', why: 'it has the shape of a password in a URL', value: 'hunter2' });
  });
});

describe('command lines', () => {
  test.each([
    [['redis-server', '--requirepass', 'opensesame'], '--requirepass'],
    [['app', '--db-password=hunter2'], '--db-password'],
    [['sh', '-c', 'TOKEN=abcdef123 exec app'], 'TOKEN'],
    [['sh', '-c', "exec app --api-key 'k-123456789'"], '--api-key'],
    [['curl', '-u', 'bob:hunter2', 'http://x/'], '-u'],
    [['mysql', '-uroot', '-phunter2'], '-p'],
    [['curl', '-H', 'Authorization: Bearer abcdef0123456789'], 'an authorization header'],
    [['app', 'postgres://shop:hunter2@db/shop'], 'a password in a URL'],
  ])('found in %j', (argv, name) => {
    expect(secretsInArguments(argv).map((one) => one.name)).toEqual([name]);
  });

  test.each([
    [['nginx', '-g', 'daemon off;']],
    [['app', '--password-file', '/run/secrets/db']],
    [['app', '--token-ttl=5m', '--user', '1000:1000']],
    [['docker', 'login', '--password-stdin', '-u', 'bob:x']],
    [['sh', '-c', 'exec app --password "$DB_PASSWORD"']],
    [['mkdir', '-pv', '/srv']],
    [['ssh', '-p', '2222']],
  ])('nothing in %j', (argv) => {
    expect(secretsInArguments(argv)).toEqual([]);
  });

  test('a build argument in a history', () => {
    const line = '|2 NPM_TOKEN=npm_0123456789abcdefghijABCDEFGHIJ012345 VERSION=1.2.3 /bin/sh -c npm ci # buildkit';
    expect(secretsInText(line).map(({ name }) => name)).toEqual(['an npm token']);
  });
});

describe('whatever is given', () => {
  const letters = fc.stringMatching(/^[A-Za-z0-9]{36}$/);

  test('a known token is found wherever it stands, and is not in what is said of it', () => {
    fc.assert(
      fc.property(letters, fc.stringMatching(/^[ a-z:,(]{0,20}$/), (random, before) => {
        const token = `ghp_${random}`;
        const [found] = secretsInText(`${before} ${token}`);
        expect(found?.value).toBe(token);
        expect(`${found?.name} ${found?.why}`).not.toContain(random);
      }),
    );
  });

  test('a password of any text goes by its name, unless it cannot be one', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9!%&+,;]{12,40}$/), (value) => {
        fc.pre(!/^[xX]+$/.test(value) && !/^%\w+%$/.test(value));
        expect(names([`DB_PASSWORD=${value}`])).toEqual(['DB_PASSWORD']);
        expect(names([`DB_PASSWORD_FILE=/run/secrets/${value.replaceAll(/\W/g, '')}`])).toEqual([]);
      }),
    );
  });

  test('digests, UUIDs, versions and paths are let be under any name that is not a secret’s', () => {
    const harmless = fc.oneof(
      fc.stringMatching(/^[0-9a-f]{32,64}$/),
      fc.uuid(),
      fc.stringMatching(/^\d{1,3}\.\d{1,3}\.\d{1,3}$/),
      fc.stringMatching(/^(\/[a-z]{1,12}){1,5}$/),
    );
    fc.assert(
      fc.property(harmless, (value) => {
        expect(names([`SOMETHING=${value}`, `BUILD_REF=${value}`])).toEqual([]);
      }),
    );
  });

  test('no text ends it or takes long', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 2_000, unit: 'binary' }), (text) => void [secretsInText(text), secretsInVariables([text])]),
    );
    const long = `${'a:'.repeat(40_000)}//${'-'.repeat(40_000)}`;
    expect(secretsInText(long)).toEqual([]);
  });
});
