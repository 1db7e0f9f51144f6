import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { docker } from '../support/containers.ts';
import { type Pitwall, pitwall } from '../support/pitwall.ts';

/** PostgreSQL, and the demo shop's api as its consumers, each with a pool; Redis is not there, which the api bears. */
export interface Shop extends AsyncDisposable {
  readonly project: string;
  readonly home: Pitwall;
  readonly folder: string;
  readonly db: string;
  readonly apis: readonly string[];
  /** Every value that is secret here, by name. */
  readonly secrets: Readonly<Record<string, string>>;
  sql(statement: string): Promise<string>;
  /** What the api's file holds now. */
  held(file?: string): string;
  /** Whether a password lets a role in, from inside the api's network. */
  letsIn(role: string, password: string): Promise<boolean>;
  /** Requests that an api answered with 200, of so many. */
  answers(times?: number): Promise<number>;
  drill(params: string, rest?: string): string;
}

const image = 'pitwall-demo/shop:1';

/** `deaf`: which one of the apis does not reload, from 1 on; `reloads: false`: none of them does. */
export async function openShop(
  options: { readonly apis?: number; readonly mount?: 'folder' | 'file'; readonly reloads?: boolean; readonly deaf?: number } = {},
): Promise<Shop> {
  const project = `rot${randomBytes(4).toString('hex')}`;
  const label = `pitwall.test=${project}`;
  const folder = mkdtempSync(join(tmpdir(), 'pitwall-shop-'));
  chmodSync(folder, 0o755);
  const secrets = { admin: randomBytes(16).toString('hex'), app: randomBytes(16).toString('hex'), redis: randomBytes(16).toString('hex') };
  const inside = join(folder, 'secrets');
  mkdirSync(inside);
  for (const [name, value] of [
    ['db_password', secrets.app],
    ['db_role', 'app'],
    ['redis_password', secrets.redis],
  ] as const)
    writeFileSync(join(inside, name), `${value}\n`, { mode: 0o644 });
  const home = pitwall({ SHOP_ADMIN: secrets.admin });
  const labels = (service: string) => [
    '--label',
    label,
    '--label',
    'pitwall.drills=all',
    '--label',
    `com.docker.compose.project=${project}`,
    '--label',
    `com.docker.compose.service=${service}`,
    '--network',
    project,
    '--network-alias',
    service,
  ];
  await docker('network', 'create', '--label', label, project);
  const db = `${project}-db-1`;
  const envFile = join(folder, 'db.env');
  writeFileSync(
    envFile,
    `POSTGRES_PASSWORD=${secrets.admin}\nPOSTGRES_DB=shop\nAPP_ROLE=app\nAPP_PASSWORD_FILE=/run/secrets/db_password\n`,
    { mode: 0o600 },
  );
  await docker(
    'run',
    '-d',
    '--name',
    db,
    ...labels('db'),
    '--env-file',
    envFile,
    '-v',
    `${inside}:/run/secrets:ro`,
    'pitwall-fixture/postgres:1',
  );
  const mounts =
    options.mount === 'file'
      ? ['db_password', 'db_role', 'redis_password'].flatMap((name) => ['-v', `${join(inside, name)}:/run/secrets/${name}:ro`])
      : ['-v', `${inside}:/run/secrets:ro`];
  const apis: string[] = [];
  for (let i = 1; i <= (options.apis ?? 1); i++) {
    const name = `${project}-api-${i}`;
    const env = [
      'DATABASE=db:5432/shop',
      'DATABASE_ROLE_FILE=/run/secrets/db_role',
      'DATABASE_PASSWORD_FILE=/run/secrets/db_password',
      'REDIS=127.0.0.1:1',
      'REDIS_ROLE=app',
      'REDIS_PASSWORD_FILE=/run/secrets/redis_password',
    ];
    const program =
      options.reloads === false || options.deaf === i
        ? [
            'node',
            '-e',
            "process.on = ((on) => (name, does) => name === 'SIGHUP' ? on.call(process, name, () => {}) : on.call(process, name, does))(process.on); import('/app/api.js')",
          ]
        : ['node', '/app/api.js'];
    await docker(
      'run',
      '-d',
      '--name',
      name,
      ...labels('api'),
      ...env.flatMap((one) => ['-e', one]),
      ...mounts,
      '--user',
      '1000:1000',
      image,
      ...program,
    );
    apis.push(name);
  }
  const shop: Shop = {
    project,
    home,
    folder,
    db,
    apis,
    secrets,
    sql: (statement) => docker('exec', db, 'psql', '-X', '-h', '/tmp', '-U', 'postgres', '-d', 'shop', '-Atc', statement),
    held: (file = 'db_password') => readFileSync(join(inside, file), 'utf8').trim(),
    async letsIn(role, password) {
      const program = `new (require('/app/node_modules/pg').Client)({ host: 'db', database: 'shop', user: process.argv[1], password: process.argv[2] }).connect().then(() => process.exit(0), (e) => process.exit(e.code === '28P01' || e.code === '28000' ? 9 : 1))`;
      const code = await docker('exec', apis[0] ?? '', 'node', '-e', program, role, password).then(
        () => 0,
        (error: { code?: number }) => error.code,
      );
      if (code !== 0 && code !== 9) throw new Error(`no answer from the database (${code})`);
      return code === 0;
    },
    async answers(times = 5) {
      const program = `let n = 0; (async () => { for (let i = 0; i < ${times}; i++) { const r = await fetch('http://127.0.0.1:8080/orders').catch(() => null); if (r?.status === 200) n++; } console.log(n); })()`;
      return Number(await docker('exec', apis[0] ?? '', 'node', '-e', program));
    },
    drill: (params, rest = '') =>
      home.file(
        'leak.yaml',
        `name: leak
kind: secret-rotation
targets: { compose: { project: ${project}, services: [db, api] } }
params:
  system: postgresql
  server: { service: db, database: shop }
  admin: { password: { env: SHOP_ADMIN } }
  role: app
  observe: 500ms
${params.replace(/^/gm, '  ')}
${rest}
`,
      ),
    async [Symbol.asyncDispose]() {
      const ids = (await docker('ps', '-aq', '--filter', `label=${label}`)).split('\n').filter(Boolean);
      if (ids.length > 0) await docker('rm', '-f', '-v', ...ids);
      await docker('network', 'rm', project);
      home[Symbol.dispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  for (let i = 0; i < 120 && (await shop.answers(1).catch(() => 0)) === 0; i++) await new Promise((resolve) => setTimeout(resolve, 250));
  return shop;
}

/** The consumer as most drills of these tests have it. */
export const consumer = (more = 'reload: SIGHUP') =>
  `consumers: [{ service: api, deliver: { file: /run/secrets/db_password, userFile: /run/secrets/db_role${more === '' ? '' : `, ${more}`} }, prove: { http: "http://127.0.0.1:8080/orders", from: { service: api } } }]`;
