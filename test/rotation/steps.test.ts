import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PitwallError } from '../../src/domain/errors.ts';
import { newSecret, Secret } from '../../src/domain/secret.ts';
import type { Credential, Rotation, SystemScope } from '../../src/drills/secret-rotation/system.ts';
import { steps } from '../../src/drills/secret-rotation/systems/steps/index.ts';
import { openStepsLab, type StepsLab } from './steps-lab.ts';

let at: StepsLab;
beforeAll(async () => {
  at = await openStepsLab();
});
afterAll(async () => {
  try {
    expect(await at?.roles()).toEqual([]);
  } finally {
    await at?.close();
  }
});

/** A step in the database's container, by names alone where it takes away. It answers with exit code 9 when a value is seen in its arguments or environment. */
const sqlStep = `set -eu
json=$(cat)
get() { printf %s "$json" | sed -n "s/.*\\"$1\\":\\"\\([^\\"]*\\)\\".*/\\1/p"; }
step=$(get step) name=$(get name) user=$(get user) old=$(get old) new=$(get new)
seen=$(tr '\\0' ' ' </proc/$$/cmdline; tr '\\0' ' ' </proc/$$/environ)
for value in $old $new; do case "$seen" in *"$value"*) exit 9 ;; esac; done
sql() { psql -X -q -v ON_ERROR_STOP=1 -h /tmp -U postgres >/dev/null 2>&1; }
ends() { echo "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename LIKE '$1'" | sql; }
if [ "\${1:-}" = "$step" ]; then echo "hunter2 $old $new"; exit 3; fi
case $step in
  prepare) echo "CREATE ROLE $name LOGIN PASSWORD '$old'" | sql ;;
  issue) echo "CREATE ROLE \${name}_2 LOGIN PASSWORD '$new'" | sql; echo "{\\"user\\":\\"\${name}_2\\"}" ;;
  deploy) [ -n "$new" ] ;;
  verify) [ "$(get newUser)" = "\${name}_2" ] ;;
  refuse) echo "ALTER ROLE $user NOLOGIN" | sql ;;
  endSessions) ends "$user" ;;
  clear | undo) ends "$name%"; echo "DROP ROLE IF EXISTS $name, \${name}_2" | sql ;;
esac`;
const inDb = (fails = '', more: object = {}) => ({ exec: ['sh', '-c', sqlStep, 'step', fails], in: { service: 'db' }, ...more });
const phases = ['prepare', 'issue', 'deploy', 'verify', 'refuse', 'endSessions', 'clear'] as const;
const sqlSteps = (fails = '') => ({
  prepare: inDb(fails, { generate: true }),
  issue: inDb(fails, { generate: true }),
  ...Object.fromEntries((['deploy', 'verify', 'refuse', 'endSessions', 'clear'] as const).map((name) => [name, inDb(fails)])),
  undo: inDb(),
});

const vault = (base: string, from: object) => {
  const headers = { 'X-Vault-Token': { env: 'TOKEN' } };
  const answer = { user: 'data.username', secret: 'data.password', keep: { lease: 'lease_id' } };
  return {
    issue: { http: `${base}/v1/database/creds/app`, method: 'GET', headers, answer, ...from },
    revoke: { http: `${base}/v1/sys/leases/revoke`, method: 'PUT', headers, body: { lease_id: '{kept.old.lease}', sync: true }, ...from },
    undo: { http: `${base}/v1/sys/leases/revoke-prefix/database/creds/app`, method: 'PUT', headers, body: { sync: true }, ...from },
  };
};

/** A login at the first point: what comes of it. */
async function login(scope: SystemScope, { points: [point] }: Rotation, { user, secret }: Credential): Promise<string> {
  if (point === undefined) throw new Error('no point');
  const [db] = await scope.service('db');
  const prober = await scope.prober(db as never);
  return (await prober.once({ door: point.door(user), secret, mode: 'login', timeoutMs: 2_000 })).answer;
}

const open = async (given: object, scope = at.scopeOf(), rest: object = {}) => (await steps.open(at.params(given, rest), scope)).rotation;

/** What an attempt failed with. Whatever is in it may be printed. */
async function failure(work: Promise<unknown>): Promise<PitwallError> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof PitwallError)) throw new Error(`it did not fail as it should: ${String(error)}`);
  expect(`${error.stack} ${JSON.stringify(error)} ${error.hint} ${String(error.cause)}`).not.toContain('hunter2');
  return error;
}

async function carryOut(rotation: Rotation, plan: 'planned' | 'leak', until: string | null = null): Promise<void> {
  const give = [rotation.issue, () => rotation.deploy?.({} as Credential), () => rotation.verify?.()];
  const take = [rotation.refuse, rotation.endSessions];
  const names = [
    'prepare',
    ...(plan === 'leak' ? ['refuse', 'endSessions', 'issue', 'deploy', 'verify'] : ['issue', 'deploy', 'verify', 'refuse', 'endSessions']),
  ];
  const all = [rotation.prepare, ...(plan === 'leak' ? [...take, ...give] : [...give, ...take])];
  for (const [i, step] of all.entries()) {
    await step();
    if (names[i] === until) return;
  }
}

describe.concurrent('commands in a container', () => {
  test.for(['leak', 'planned'] as const)('rotate a canary by plan %s, and leave nothing', async (plan) => {
    const scope = at.scopeOf({ plan });
    const rotation = await open(sqlSteps(), scope);
    const old = await rotation.prepare();
    expect(old.user).toMatch(/^pitwall_[0-9a-f]{10}$/);
    expect(await login(scope, rotation, old)).toBe('accepted');
    // again is no different
    expect((await rotation.prepare()).secret.reveal()).toBe(old.secret.reveal());
    await carryOut(rotation, plan);
    const fresh = await rotation.issue();
    expect(fresh.user).toBe(`${old.user}_2`);
    expect(fresh.secret.reveal()).toMatch(/^[\w-]{43}$/);
    expect([await login(scope, rotation, old), await login(scope, rotation, fresh)]).toEqual(['refused', 'accepted']);
    expect(await rotation.clear()).toEqual([]);
    expect(await login(scope, rotation, fresh)).toBe('refused');
    expect(at.events).toContain(`step prepare in ${at.lab.mark}-db`);
    expect(at.events.join()).not.toContain(old.secret.reveal());
  });

  test.for(phases)('that fail at %s are told by step, place and code, and taken back', async (phase) => {
    const rotation = await open(sqlSteps(phase));
    const message = `step ${phase} in ${at.lab.mark}-db ended with exit code 3`;
    if (phase !== 'prepare') await rotation.prepare();
    if (phase === 'clear') {
      expect(await rotation.clear()).toEqual([`${message}: put it right, and run \`pitwall recover\``]);
    } else {
      const work = { ...rotation, deploy: () => rotation.deploy?.({} as Credential), verify: () => rotation.verify?.() };
      expect(await failure(Promise.resolve(work[phase]()))).toMatchObject({ code: 'step_failed', message });
    }
    expect(await rotation.rollback()).toEqual([]);
  });

  test.for(['prepare', 'refuse', 'issue'])('are undone by names alone after a crash at %s', async (phase) => {
    const params = at.params(sqlSteps());
    const { rotation, data } = await steps.open(params, at.scopeOf());
    expect(JSON.parse(JSON.stringify(data))).toEqual({ name: expect.stringMatching(/^pitwall_/) });
    await carryOut(rotation, 'leak', phase);
    const { name: prefix } = data as { name: string };
    const roles = async () => (await at.roles()).filter((name) => name.startsWith(prefix));
    expect(await roles()).toHaveLength(phase === 'issue' ? 2 : 1);
    for (let i = 0; i < 2; i++) expect(await (await steps.reopen(params, data, at.scopeOf())).rollback()).toEqual([]);
    expect(await roles()).toEqual([]);
  });

  test('that hang are given up, waited for, and said', async () => {
    const hang = { exec: ['sh', '-c', 'exec sleep 2'], in: { service: 'one' }, timeout: '300ms' };
    const slow = { ...sqlSteps(), refuse: { ...hang, in: { service: 'pair' } } };
    const rotation = await open(slow);
    const error = await failure(carryOut(rotation, 'leak'));
    expect(error.message).toBe(`step refuse in ${at.lab.mark}-one did not end within 300 ms, and may still run: the engine cannot end it`);
    const begun = performance.now();
    expect(await rotation.rollback()).toEqual([]);
    // not before the command has ended
    expect(performance.now() - begun).toBeGreaterThan(1_000);

    const forEver = {
      ...sqlSteps(),
      refuse: { ...hang, exec: ['sleep', '30'], in: { service: 'pair' } },
      undo: inDb('', { timeout: '1s' }),
    };
    const stuck = await open(forEver);
    await failure(carryOut(stuck, 'leak'));
    expect(await stuck.rollback()).toEqual([`a command of an earlier step may still run in ${at.lab.mark}-one: look, and recover again`]);
  });

  test('are given up at an abort, and undone all the same', async () => {
    const abort = new AbortController();
    const rotation = await open(
      { ...sqlSteps(), refuse: { exec: ['sleep', '1'], in: { service: 'pair' } } },
      at.scopeOf({ signal: abort.signal }),
    );
    await rotation.prepare();
    setTimeout(() => abort.abort(new Error('halt')), 200);
    await expect(rotation.refuse()).rejects.toThrow('halt');
    expect(await rotation.rollback()).toEqual([]);
  });

  test.for([
    ['garbage', 'echo hunter2 is no JSON', 'answered with what is no JSON map'],
    ['too much', 'head -c 100000 /dev/zero | tr "\\0" h', 'answered with more than 64 KiB'],
    ['nothing', 'exit 0', 'answered with what is no JSON map'],
    ['half of it', 'echo "{\\"user\\":\\"hunter2\\"}"', 'answered without secret'],
  ])('that answer with %s are no answer', async ([, script = '', problem]) => {
    const rotation = await open({ ...sqlSteps(), issue: { exec: ['sh', '-c', script], in: { service: 'pair' } } });
    const error = await failure(carryOut(rotation, 'leak'));
    expect(error.message).toBe(`step issue in ${at.lab.mark}-one ${problem}`);
    expect(await rotation.rollback()).toEqual([]);
  });

  test('that say they did and did not are found out', async () => {
    const yes = { exec: ['true'], in: { service: 'pair' }, timeout: '1s' };
    const nobody = await open({ ...sqlSteps(), prepare: { ...yes, generate: true } });
    expect(await failure(nobody.prepare())).toMatchObject({
      code: 'not_accepted',
      message: expect.stringMatching(/^db:5432 \(.*-db\) does not accept the old credential \(28P01\)$/),
    });
    const left = await open({ ...sqlSteps(), clear: yes });
    await carryOut(left, 'leak');
    expect(await left.clear()).toEqual([
      expect.stringMatching(/^db:5432 \(.*-db\) was not seen to refuse the new credential \(accepted\)/),
    ]);
    expect(await left.rollback()).toEqual([]);
  });

  test('that answer with the old secret are told', async () => {
    const same = new Secret('the-same');
    await at.sql(`CREATE ROLE same LOGIN PASSWORD '${same.reveal()}'`);
    const answers = { exec: ['echo', `{"user":"same","secret":"${same.reveal()}"}`], in: { service: 'pair' } };
    const nothing = await open({ ...sqlSteps(), prepare: answers, issue: answers });
    expect((await failure(carryOut(nothing, 'leak'))).message).toContain('answered with the old secret');
    await at.sql('DROP ROLE same');
  });

  test('in each replica: one that fails does not keep the others from it', async () => {
    const got = 'cat >/tmp/got; [ ! -e /tmp/bad ]';
    await at.lab.shell(at.ids.one, 'touch /tmp/bad');
    const scope = at.scopeOf();
    const rotation = await open({ ...sqlSteps(), refuse: { exec: ['sh', '-c', got], in: { service: 'pair' }, each: true } }, scope);
    const old = await rotation.prepare();
    expect((await failure(rotation.refuse())).message).toBe(`step refuse in ${at.lab.mark}-one ended with exit code 1`);
    const told = JSON.parse(await at.lab.shell(at.ids.two, 'cat /tmp/got'));
    expect(told).toEqual({
      step: 'refuse',
      run: scope.runId,
      plan: 'leak',
      credential: 'canary',
      name: old.user,
      user: old.user,
      old: old.secret.reveal(),
      new: null,
      newUser: null,
      kept: { old: {}, new: {} },
    });
    await at.lab.shell(at.ids.one, 'rm /tmp/bad');
    await rotation.refuse();
    expect(await rotation.rollback()).toEqual([]);
  });
});

test('a server that goes away is told at each step, and what was done is undone when it is back', async () => {
  const down = new Set<string>();
  const scope = at.scopeOf();
  const shaky = { ...scope, service: async (name: string) => (down.has(name) ? [] : scope.service(name)) };
  const params = at.params(sqlSteps());
  const { rotation, data } = await steps.open(params, shaky);
  await rotation.prepare();
  down.add('db');
  for (const step of [
    rotation.refuse,
    rotation.endSessions,
    rotation.issue,
    () => rotation.deploy?.({} as Credential),
    () => rotation.verify?.(),
  ])
    expect(await failure(Promise.resolve(step()))).toMatchObject({
      code: 'server_down',
      message: expect.stringMatching(/: no target of service db runs$/),
    });
  const sentence = 'step undo: no target of service db runs: put it right, and run `pitwall recover`';
  expect(await rotation.rollback()).toEqual([sentence]);
  const reopened = await steps.reopen(params, data, shaky);
  expect(await reopened.rollback()).toEqual([sentence]);
  down.delete('db');
  expect(await reopened.rollback()).toEqual([]);
});

describe('HTTP, as of a Vault', () => {
  test.for(['from inside', 'from here'] as const)('%s: leases are issued, and the old one revoked', async (where) => {
    const scope = at.scopeOf({ plan: 'planned' });
    const given = where === 'from here' ? vault(at.here, {}) : vault(at.inside, { from: { service: 'pair' } });
    const rotation = await open(given, scope);
    const old = await rotation.prepare();
    await carryOut(rotation, 'planned');
    const fresh = await rotation.issue();
    expect(await at.roles()).toEqual([fresh.user]);
    expect([await login(scope, rotation, old), await login(scope, rotation, fresh)]).toEqual(['refused', 'accepted']);
    if (where === 'from inside') {
      const helpers = (await at.lab.ours()).map(({ labels }) => labels['pitwall.role']);
      expect(helpers.filter((role) => role === 'step')).toHaveLength(1);
      // what it is told and says is kept nowhere
      const [helper] = (await at.lab.ours()).filter(({ labels }) => labels['pitwall.role'] === 'step');
      const seen = await at.lab.engine.inspect(helper?.id ?? '');
      expect(seen.HostConfig.LogConfig).toMatchObject({ Type: 'none' });
      for (const value of [old.secret, fresh.secret, at.given.TOKEN]) expect(JSON.stringify(seen)).not.toContain(value?.reveal());
    }
    expect(await rotation.clear()).toEqual([]);
    expect((await at.lab.ours()).filter(({ labels }) => labels['pitwall.role'] === 'step')).toEqual([]);
  });

  test('after a crash its prefix is revoked', async () => {
    const params = at.params(vault(at.here, {}));
    const { rotation, data } = await steps.open(params, at.scopeOf());
    await carryOut(rotation, 'leak', 'issue');
    expect(await at.roles()).toHaveLength(1);
    expect(await (await steps.reopen(params, data, at.scopeOf())).rollback()).toEqual([]);
  });

  const headers = { 'X-Vault-Token': { env: 'TOKEN' } };
  test.for([
    [
      'a wrong token',
      { http: '/garbage', headers: { 'X-Vault-Token': { env: 'WRONG' } } },
      'admin_refused',
      'was answered with status 403, expected 200 to 299',
    ],
    ['garbage', { http: '/garbage' }, 'step_failed', 'answered with what is no JSON map'],
    ['too much', { http: '/much' }, 'step_failed', 'answered with more than 64 KiB'],
    ['a broken server', { http: '/broken' }, 'server_down', 'was answered with status 500, expected 200 to 299'],
    ['another status', { http: '/garbage', status: [201, 204] }, 'step_failed', 'was answered with status 200, expected 201 or 204'],
    ['a redirect, which is not followed,', { http: '/moved' }, 'step_failed', 'was answered with status 302, expected 200 to 299'],
    ['no answer', { http: '/hang', timeout: '300ms' }, 'server_down', 'was not answered within 300 ms'],
    ['nobody there', { http: ':1' }, 'server_down', 'failed: connection refused'],
    ['a value that nobody knows', { http: '/{newUser}' }, 'step_failed', 'cannot be asked: {newUser} is not known'],
  ] as const)('%s is told by name', async ([, asked, code, problem]) => {
    at.given.WRONG = newSecret();
    const inside = ['server_down', 'admin_refused'].includes(code) ? [{ from: { service: 'creds' } }] : [];
    for (const from of [{}, ...inside]) {
      const { http, ...rest } = asked;
      const base = 'from' in from ? at.inside : at.here;
      const url = http === ':1' ? base.replace(/:\d+$/, ':1') : `${base}${http}`;
      const rotation = await open({ ...vault(at.here, {}), issue: { method: 'GET', headers, ...rest, http: url, ...from } });
      const error = await failure(rotation.prepare());
      const place = 'from' in from ? `from ${at.lab.mark}-creds` : 'from where Pitwall runs';
      expect(error).toMatchObject({ code, message: `step issue ${place} ${problem}` });
      expect(await rotation.rollback()).toEqual([]);
    }
  });

  test('an undo that is refused is residue, and says what to do', async () => {
    const rotation = await open({ ...vault(at.here, {}), undo: { http: `${at.here}/v1/nothing`, headers } });
    const { user } = await rotation.prepare();
    expect(await rotation.rollback()).toEqual([
      'step undo from where Pitwall runs was answered with status 404, expected 200 to 299: put it right, and run `pitwall recover`',
    ]);
    await at.sql(`DROP ROLE "${user}"`);
  });
});

describe('scripts', () => {
  const script = (text: string, more: object = {}) => ({ script: [process.execPath, '-e', text], ...more });
  /** Uses the credential service from Pitwall's machine, as a user's own program would. */
  const program = (text: string) => `
let json = ''; for await (const data of process.stdin) json += data;
const input = JSON.parse(json);
const { readFileSync } = await import('node:fs');
const seen = readFileSync('/proc/self/cmdline', 'latin1') + readFileSync('/proc/self/environ', 'latin1');
for (const value of [input.old, input.new]) if (value && seen.includes(value)) process.exit(9);
const ask = async (method, path, body) => {
  const token = readFileSync('TOKENFILE', 'utf8');
  const answer = await fetch('${at.here}/v1' + path, { method, headers: { 'x-vault-token': token }, body: body && JSON.stringify(body) });
  if (!answer.ok) process.exit(4);
  return answer.status === 204 ? null : answer.json();
};
${text}`;

  test('rotate, with values on standard input alone', async () => {
    const { writeFile } = await import('node:fs/promises');
    const file = `${at.lab.folder}/token`;
    await writeFile(file, at.given.TOKEN?.reveal() ?? '', { mode: 0o600 });
    const node = (text: string) => ({ script: [process.execPath, '--input-type=module', '-e', program(text).replace('TOKENFILE', file)] });
    const scope = at.scopeOf();
    const rotation = await open(
      {
        issue: {
          ...node(`const { lease_id, data } = await ask('GET', '/database/creds/app');
console.log(JSON.stringify({ user: data.username, secret: data.password, lease: lease_id }));`),
          answer: { keep: { lease: 'lease' } },
        },
        revoke: node(`await ask('PUT', '/sys/leases/revoke', { lease_id: input.kept.old.lease });`),
        verify: node(`if (!input.new || !input.newUser) process.exit(5);`),
        undo: node(`await ask('PUT', '/sys/leases/revoke-prefix/database/creds/app', {});`),
      },
      scope,
    );
    const old = await rotation.prepare();
    await carryOut(rotation, 'leak');
    expect([await login(scope, rotation, old), await login(scope, rotation, await rotation.issue())]).toEqual(['refused', 'accepted']);
    expect(await rotation.clear()).toEqual([]);
  });

  test('that fail or hang are told, and say nothing else', async () => {
    const undo = script('');
    const cases = [
      [script('console.log("hunter2"); console.error("hunter2"); process.exit(7)'), 'ended with exit code 7'],
      [script('throw new Error("hunter2")'), 'ended with exit code 1'],
      [script('setInterval(() => {}, 1000)', { timeout: '500ms' }), 'did not end within 500 ms'],
      [{ script: ['pitwall-has-no-such-program'] }, 'ended with exit code 127 (there is no such program)'],
    ] as const;
    for (const [issue, problem] of cases) {
      const rotation = await open({ issue, revoke: undo, undo });
      expect((await failure(rotation.prepare())).message).toBe(`step issue on Pitwall's machine ${problem}`);
    }
  });
});

describe('the real credential', () => {
  const real = (name: 'issue' | 'refuse' | 'undo' | 'clear') => ({
    exec: ['sh', '-c', realStep, name],
    in: { service: 'db' },
  });
  /** Keeps what was there, a hash, in the database itself: undo knows it by its name. */
  const realStep = `set -eu
json=$(cat)
get() { printf %s "$json" | sed -n "s/.*\\"$1\\":\\"\\([^\\"]*\\)\\".*/\\1/p"; }
old=$(get old) new=$(get new) user=$(get user)
sql() { psql -X -q -v ON_ERROR_STOP=1 -h /tmp -U postgres >/dev/null 2>&1; }
case $0 in
  issue) echo "ALTER ROLE $user PASSWORD '$new'" | sql ;;
  undo) [ -n "$old" ]; echo "ALTER ROLE $user PASSWORD '$old'" | sql ;;
  *) : ;;
esac`;
  const all = () => ({ issue: { ...real('issue'), generate: true }, refuse: real('refuse'), undo: real('undo') });

  test('is put back, in this process and after a crash, and what cannot be is said', async () => {
    const password = newSecret();
    at.given.APP = password;
    await at.sql(`CREATE ROLE app LOGIN PASSWORD '${password.reveal()}'`);
    const scope = at.scopeOf({ credential: 'real', plan: 'planned' });
    const current = { current: { user: 'app', secret: { env: 'APP' } } };
    const params = at.params(all(), current);
    const { rotation, data } = await steps.open(params, scope);
    const old = await rotation.prepare();
    expect(old).toMatchObject({ user: 'app' });
    // nothing was done yet, and nothing is undone
    expect(await rotation.rollback()).toEqual([]);
    const fresh = await rotation.issue();
    expect([await login(scope, rotation, old), await login(scope, rotation, fresh)]).toEqual(['refused', 'accepted']);
    expect(await rotation.rollback()).toEqual([]);
    expect([await login(scope, rotation, old), await login(scope, rotation, fresh)]).toEqual(['accepted', 'refused']);

    const again = await open(all(), scope, current);
    await again.prepare();
    await again.issue();
    const reopened = await steps.reopen(params, data, scope);
    delete at.given.APP;
    expect(await reopened.rollback()).toEqual([expect.stringContaining('current.secret is not there')]);
    at.given.APP = password;
    expect(await reopened.rollback()).toEqual([]);
    expect(await login(scope, rotation, old)).toBe('accepted');
    expect(await rotation.endSessions()).toEqual({ notAllowed: 'no step ends sessions: the drill gives refuse without endSessions' });

    // nobody can look
    const elsewhere = { ...params, points: [{ ...params.points[0], service: 'nobody' }] } as typeof params;
    expect(await (await steps.reopen(elsewhere, data, scope)).rollback()).toEqual([
      'no target of service nobody runs, so it was not seen whether the old credential is accepted: recover again',
    ]);

    // an undo that says yes and did not
    await at.sql(`ALTER ROLE app PASSWORD 'another'`);
    const liar = await steps.reopen(at.params({ ...all(), undo: { ...real('clear'), timeout: '1s' } }, current), data, scope);
    expect(await liar.rollback()).toEqual([
      expect.stringMatching(/^db:5432 \(.*\) does not accept the old credential \(28P01\): put it back by hand$/),
    ]);
    await at.sql('DROP ROLE app');
  });

  test('needs what the canary does not', async () => {
    const scope = at.scopeOf({ credential: 'real' });
    expect((await failure(open(all(), scope))).message).toContain('params.current is missing');
    const { undo: _, ...rest } = all();
    const current = { current: { user: 'app', secret: { env: 'TOKEN' } } };
    expect((await failure(open(rest, scope, current))).message).toContain('params.steps.undo is missing');
  });
});

describe.concurrent('before anything is done', () => {
  const yes = { exec: ['true'], in: { service: 'pair' } };
  const least = () => ({ issue: inDb(), revoke: inDb(), undo: inDb() });
  test.for([
    [{ verify: { exec: ['true'], in: { service: 'nobody' } } }, {}, 'step verify: no target of service nobody runs'],
    [{ verify: { http: 'http://x', from: { service: 'nobody' } } }, {}, 'step verify: no target of service nobody runs'],
    [{ verify: { script: ['/opt/nothing'] } }, {}, 'step verify: /opt/nothing is not there, or cannot be executed'],
    [{ verify: { http: 'http://x', headers: { 'x-token': { env: 'NOTHING' } } } }, {}, 'header x-token of step verify is not there'],
    [
      { check: { exec: ['sh', '-c', 'echo hunter2; exit 3'], in: { service: 'pair' } } },
      {},
      /^step check in .*-one ended with exit code 3$/,
    ],
    [{}, { points: [{ service: 'nobody', port: 1 }] }, 'no target of service nobody runs'],
  ] as const)('%j is refused', async ([more, rest, message]) => {
    const error = await failure(open({ ...least(), ...more }, at.scopeOf(), rest));
    expect(['RefusedError', 'InvalidError']).toContain(error.name);
    expect(error.message).toMatch(message);
  });

  test('a check that says yes lets it begin; nothing touched is nothing to undo', async () => {
    const rotation = await open({ ...least(), check: yes, undo: inDb('undo') });
    expect(await rotation.rollback()).toEqual([]);
  });

  test('a canary that nobody takes away is said', async () => {
    const issue = inDb('', { generate: true });
    const rotation = await open({ issue, revoke: yes });
    const { user } = await rotation.prepare();
    expect(await rotation.rollback()).toEqual(['the drill has no step undo: look what issue made for this run, and remove it by hand']);
    expect(await rotation.clear()).toEqual(['no step takes the canary away: give the drill clear or undo, and remove it by hand']);
    await at.sql(`DROP ROLE "${user}"`);
  });
});
