/**
 * The whole API, from its own description: nothing that is sent makes it fail, and it answers nothing that the description does not allow.
 * `PITWALL_FUZZ_RUNS=100000 PITWALL_FUZZ_SEED=7 npx vitest run test/server/fuzz.test.ts` looks longer, and elsewhere.
 */
import { Agent, request as httpRequest } from 'node:http';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createToken } from '../../src/access/tokens.ts';
import { systemClock } from '../../src/clock.ts';
import { DatabaseError, EngineError, FailedError, InconclusiveError, InvalidError, RefusedError } from '../../src/domain/errors.ts';
import type { ServerDeps } from '../../src/server/deps.ts';
import { type Answered, describedBy, operationsOf } from './fuzz/expect-described.ts';
import { type Request, requestOf, type Sources } from './fuzz/requests.ts';
import { type Harness, openCase, startHarness } from './harness.ts';

const numRuns = Number(process.env.PITWALL_FUZZ_RUNS ?? 1_500);
const seed = Number(process.env.PITWALL_FUZZ_SEED ?? 20_171_018);
const unlimited = { acts: 1e9, reads: 1e9, alerts: 1e9 };
const agent = new Agent({ keepAlive: true, maxSockets: 4 });

let harness: Harness;
let troubled: Harness;
beforeAll(async () => {
  // So much time passes between two readings that the limit on wrong tokens never bites.
  let now = 0;
  const clock = { ...systemClock, monotonic: () => (now += 10_000) };
  harness = await startHarness({ clock }, unlimited);
  troubled = await startHarness({ clock, ...trouble() }, unlimited);
});
afterAll(async () => {
  agent.destroy();
  await harness[Symbol.asyncDispose]();
  await troubled[Symbol.asyncDispose]();
});

test('nothing that is sent makes it fail, and every answer is described', { timeout: 3_600_000 }, async () => {
  const reached = await fuzz(harness, numRuns, (answer) => answer.status < 500);
  // What never gets past the door finds nothing behind it.
  const operations = operationsOf(await describe(harness));
  const never = operations.filter(({ method, path }) => !reached.has(`2 ${method} ${path}`)).map(({ method, path }) => `${method} ${path}`);
  expect(never).toEqual([]);
});

test('so is every answer when what it stands on fails', { timeout: 3_600_000 }, async () => {
  const reached = await fuzz(troubled, Math.ceil(numRuns / 4), ({ status, text }) => status !== 500 && !text.includes('"defect"'));
  expect([...reached].filter((one) => one.startsWith('5')).length).toBeGreaterThan(0);
});

async function fuzz(own: Harness, runs: number, isFine: (answer: Answered) => boolean): Promise<ReadonlySet<string>> {
  const description = await describe(own);
  const check = describedBy(description);
  const reached = new Set<string>();
  const sources = await fill(own);
  await fc.assert(
    fc.asyncProperty(requestOf(operationsOf(description), sources), async (request) => {
      const answer = await send(own.url, request);
      // A halt would hide everything behind it.
      if (request.path.endsWith('/halt')) own.store.control.unhalt('test');
      if (!isFine(answer)) throw new Error(`${request.method} ${request.target} answered ${answer.status}: ${answer.text}`);
      check(request, answer);
      reached.add(`${Math.floor(answer.status / 100)} ${request.method} ${request.path}`);
    }),
    { numRuns: runs, seed },
  );
  return reached;
}

async function describe(own: Harness): Promise<Parameters<typeof describedBy>[0]> {
  return (await own.call('GET', '/openapi.json')).json as Parameters<typeof describedBy>[0];
}

/** Some of everything, and the names by which it is asked for. */
async function fill({ store, tokens, openRun, deps }: Harness): Promise<Sources> {
  const runs = ['passed', 'failed', 'inconclusive', 'error'].map((verdict) => {
    const id = openRun();
    store.runs.addArtifact(id, 'plan', 'application/json', '{}');
    store.runs.addArtifact(id, 'drift', 'text/plain', 'nothing');
    for (let i = 0; i < 3; i++) store.events.add(id, 'note', i === 0 ? null : 'shop-web-1', `<b>\u202e${i}`, { i });
    store.runs.end(id, { verdict: verdict as 'passed', reason: 'so it was', exitCode: 0, residue: [] });
    return id;
  });
  const going = openRun();
  const evidence = ['1', '2', '3'].map((end) => `ev_${end.padStart(26, '0')}`);
  for (const [i, id] of evidence.entries()) openCase(store, id, { held: i === 0 });
  const narrow = createToken(store, 'narrow', 'admin', { scope: ['drill:by-*', 'engine:local', 'container:shop-*'] });
  const expired = createToken(store, 'expired', 'admin', { expiresAt: 1 });
  return {
    known: {
      drills: ['recycle-shop', 'by-hand'],
      drill: ['recycle-shop', 'no-such'],
      runs: [...runs, going, runs[0]?.slice(0, 26).toLowerCase() ?? '', going.slice(0, 8)],
      run: runs,
      artifacts: ['plan', 'drift'],
      evidence,
      freezes: evidence.slice(0, 2),
      reports: [(await deps.reports.make({})).id],
      before: [...runs, ...evidence, '1', '50'],
      limit: ['1', '2', '200'],
    },
    tokens: [undefined, ...Object.values(tokens), narrow, expired, 'pw_wrong'],
    admin: tokens.admin,
  };
}

function send(url: string, { method, target, token, headers, body }: Request): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const given = body === undefined ? {} : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) };
    const sent = httpRequest(
      `${url}/`,
      {
        agent,
        method,
        path: target,
        headers: { ...given, ...headers, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
      },
      (answer) => {
        let text = '';
        const done = () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text });
        answer.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
          if (answer.headers['content-type']?.startsWith('text/event-stream') !== true) return;
          // The stream of a run that goes on has no end.
          sent.destroy();
          done();
        });
        answer.on('end', done);
        answer.on('error', done);
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Engines that are away, guard rails, what is gone in between: what the rest of Pitwall may throw there. */
function trouble(): Partial<ServerDeps> {
  const away = new EngineError('engine_unreachable', 'the engine does not answer');
  const refused = new EngineError('engine_failed', 'the engine refused', { status: 500 });
  const unsettled = [
    new RefusedError('locked', 'taken by another run'),
    new FailedError('not_frozen', 'it did not stop'),
    new InconclusiveError('nothing_matches', 'nothing matches'),
    new InvalidError('unknown_container', 'there is no such container'),
    new DatabaseError('database_full', 'the disk is full'),
  ];
  let turn = 0;
  const failing = (errors: readonly Error[]) => async (): Promise<never> => {
    throw errors[turn++ % errors.length];
  };
  const any = failing([away, refused, ...unsettled]);
  return {
    plan: any,
    targets: failing([away, refused]),
    startRun: any,
    freezes: { start: any, release: any, lease: failing(unsettled) },
    evidence: { list: async () => [], get: any, manifest: any, custody: any, verify: any, download: any },
    ready: async () => ({ ok: false, checks: [{ kind: 'engine', name: 'local', ok: false, message: 'away' }] }),
  };
}
