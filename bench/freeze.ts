import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Bare, bare, socketOf } from './bare.ts';
import { pitwall } from './command.ts';
import { type BenchResult, compared, percentile } from './result.ts';

const rounds = 40;
const setRounds = 9;
const set = 20;
const port = 17_590;
const label = 'pitwall.test=bench-freeze';
const mostLateMs = 60;

/**
 * From the request to the verified frozen state, in the running daemon and over its API, against a bare pause on the same socket. Ours
 * ends at the instant that is in the evidence, which is taken after the state was read back.
 */
export async function bench(): Promise<BenchResult[]> {
  const socket = socketOf(process.env);
  const docker = bare(socket, set);
  const home = mkdtempSync(join(tmpdir(), 'pitwall-bench-freeze-'));
  const ids: string[] = [];
  const server = serve(home, socket);
  try {
    for (let i = 0; i < set; i++) ids.push(await docker.run(`pitwall-bench-freeze-${process.pid}-${i}`, label));
    const api = await connect(home);
    const [first = ''] = ids;
    const one: { ours: number; baseline: number }[] = [];
    // the first two rounds of both warm caches and do not count
    for (let round = -2; round < rounds; round++) {
      const pair = { ours: await frozenAfter(api, { containers: [first] }), baseline: await pausedAfter(docker, [first]) };
      if (round >= 0) one.push(pair);
    }
    const all: { ours: number; baseline: number }[] = [];
    for (let round = -1; round < setRounds; round++) {
      const pair = {
        ours: await frozenAfter(api, { label: { 'pitwall.test': 'bench-freeze' } }),
        baseline: await pausedAfter(docker, ids),
      };
      if (round >= 0) all.push(pair);
    }
    const late =
      percentile(
        one.map(({ ours }) => ours),
        0.99,
      ) -
      percentile(
        one.map(({ baseline }) => baseline),
        0.99,
      );
    return [
      compared('request to verified frozen, one container, median', 'ms', 1.5, one),
      {
        what: `the same, p99 beyond the bare p99 (budget ${mostLateMs} ms)`,
        ours: late,
        baseline: mostLateMs,
        ratio: late / mostLateMs,
        limit: 1,
        met: late <= mostLateMs,
        unit: 'ms',
        rounds: one,
      },
      compared(`${set} containers at once, the last one frozen`, 'ms', 1.5, all),
    ];
  } finally {
    server.kill('SIGTERM');
    if (server.exitCode === null) await new Promise((resolve) => server.once('exit', resolve));
    for (const id of ids) {
      await docker.call('POST', `/containers/${id}/unpause`).catch(() => undefined);
      await docker.call('DELETE', `/containers/${id}?force=1`);
    }
    await sweepImages(docker);
    docker.close();
    rmSync(home, { recursive: true, force: true });
  }
}

interface Api {
  get(path: string): Promise<unknown>;
  post(path: string, body: unknown): Promise<{ readonly id: string }>;
}

async function frozenAfter(api: Api, which: object): Promise<number> {
  const asked = performance.timeOrigin + performance.now();
  const { id } = await api.post('/freezes', { ...which, disposition: 'resume', memory: 'off' });
  for (;;) {
    // nothing is asked while it is frozen
    await sleep(200);
    const run = (await api.get(`/runs/${id}`)) as { verdict: string | null; reason: string };
    if (run.verdict === 'passed') break;
    if (run.verdict !== null) throw new Error(`the freeze ${run.verdict}: ${run.reason}`);
  }
  const { evidence } = (await api.get(`/evidence?run=${id}&limit=100`)) as { evidence: { frozenAt: number | string }[] };
  const frozen = evidence.map(({ frozenAt }) => new Date(frozenAt).getTime());
  // whole milliseconds, rounded down: half of one on average
  return Math.max(...frozen) + 0.5 - asked;
}

async function pausedAfter(docker: Bare, ids: readonly string[]): Promise<number> {
  const begun = performance.now();
  await Promise.all(ids.map((id) => docker.call('POST', `/containers/${id}/pause`)));
  const took = performance.now() - begun;
  await Promise.all(ids.map((id) => docker.call('POST', `/containers/${id}/unpause`)));
  return took;
}

function serve(home: string, socket: string): ChildProcess {
  writeFileSync(
    join(home, 'pitwall.yaml'),
    `api: { port: ${port} }\nstore: { path: ${join(home, 'pitwall.db')} }\nevidence: { path: ${join(home, 'evidence')} }\nengines: [ { name: bench, host: "unix://${socket}", environment: ci } ]\n`,
  );
  return spawn(process.execPath, [pitwall, 'serve', '--config', join(home, 'pitwall.yaml')], {
    env: { ...process.env, PITWALL_HOME: home },
    stdio: 'ignore',
  });
}

async function connect(home: string): Promise<Api> {
  const base = `http://127.0.0.1:${port}`;
  for (let tries = 0; ; tries++) {
    const ok = await fetch(`${base}/readyz`).then(
      (answer) => answer.ok,
      () => false,
    );
    if (ok) break;
    if (tries > 100) throw new Error('serve did not become ready');
    await sleep(100);
  }
  const authorization = `Bearer ${readFileSync(join(home, 'token'), 'utf8').trim()}`;
  // the same client as the other side's, with its connection kept
  const agent = new Agent({ keepAlive: true });
  const ask = (method: string, path: string, body?: string) =>
    new Promise<unknown>((resolve, reject) => {
      const headers = {
        authorization,
        ...(body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
      };
      const sent = request({ host: '127.0.0.1', port, agent, method, path: `/api/v1${path}`, headers }, (answer) => {
        let text = '';
        answer.on('data', (chunk: Buffer) => (text += chunk));
        answer.on('end', () =>
          (answer.statusCode ?? 500) < 400
            ? resolve(JSON.parse(text))
            : reject(new Error(`${method} ${path}: ${answer.statusCode} ${text}`)),
        );
      });
      sent.on('error', reject);
      sent.end(body);
    });
  return {
    get: (path) => ask('GET', path),
    post: async (path, body) => (await ask('POST', path, JSON.stringify(body))) as { id: string },
  };
}

/** What the freezes committed; the evidence itself goes with the folder. */
async function sweepImages(docker: Bare): Promise<void> {
  const filters = encodeURIComponent(JSON.stringify({ label: ['pitwall.evidence'] }));
  const images = JSON.parse(await docker.call('GET', `/images/json?filters=${filters}`)) as {
    Id: string;
    Labels: Record<string, string> | null;
  }[];
  for (const { Id, Labels } of images)
    if (Labels?.['pitwall.test'] === 'bench-freeze') await docker.call('DELETE', `/images/${Id}?force=1`);
}
