import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { pitwall } from './command.ts';
import { bareServer } from './pages-bare.ts';
import { get } from './pages-http.ts';
import { type BenchResult, budgeted, percentile, within } from './result.ts';
import { drillCount, historyOf } from './store-history.ts';

const runs = 1_000_000;
const rounds = 5;
/** Of one page in one round: enough for a p99 that is not the slowest. */
const requests = 100;
/** The most that a library holds. */
const keptReports = 1_000;
const mostMs = 120;
const mostBytes = 200_000;

/** Every page of the dashboard at a million runs, as `pitwall serve` answers it, compressed, one request after another. Needs an engine. */
export async function bench(): Promise<BenchResult[]> {
  const path = historyOf(runs, (text) => void process.stderr.write(`${text}\n`));
  const home = mkdtempSync(join(tmpdir(), 'pitwall-bench-pages-'));
  const serve = await startServe(home, path);
  try {
    const cookie = await login(serve.url, readFileSync(join(home, 'token'), 'utf8').trim());
    const first = await get(new Agent({ keepAlive: true }), `${serve.url}/runs`, cookie);
    const run = /\/runs\/([0-9A-Z]{26})/.exec(first.text())?.[1] ?? '';
    const results: BenchResult[] = [];
    for (const page of ['/', '/drills', '/drills/drill-07', '/runs', `/runs/${run}`, ...others]) {
      const name = page.replace(run, ':id');
      process.stderr.write(`${name}\n`);
      results.push(...(await benchPage(serve.url, page, name, cookie)));
    }
    using proof = openProof(path);
    for (const page of ['/', '/scorecard']) {
      process.stderr.write(`${page} anew\n`);
      results.push(await benchAnew(serve.url, page, cookie, proof));
    }
    return results;
  } finally {
    serve.child.kill('SIGTERM');
    await serve.ended;
    rmSync(home, { recursive: true, force: true });
  }
}

const others = ['/segmentation', '/rotation', '/evidence', '/targets', '/scorecard', '/reports', '/audit', '/login'];

async function benchPage(url: string, page: string, name: string, cookie: string): Promise<BenchResult[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const answer = await get(agent, url + page, cookie);
  await using bare = await bareServer(answer);
  const taken: { ours: number; baseline: number }[] = [];
  const loads: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const times = { ours: [] as number[], baseline: [] as number[] };
    for (let turn = 0; turn < requests; turn += 1) {
      for (const side of turn % 2 === 0 ? (['ours', 'baseline'] as const) : (['baseline', 'ours'] as const)) {
        const { ms } = await get(agent, side === 'ours' ? url + page : bare.url, cookie);
        times[side].push(ms);
      }
    }
    taken.push({ ours: percentile(times.ours, 0.99), baseline: percentile(times.baseline, 0.99) });
    loads.push(await firstLoad(url, page, cookie));
  }
  agent.destroy();
  return [
    budgeted(`${name}: p99, against the same bytes from memory`, 'ms', mostMs, taken),
    within(`${name}: transferred on the first load, styles and scripts included`, 'bytes', mostBytes, loads),
  ];
}

/** As when a run has ended since the last look: nothing of what was computed before may be shown. The worst of each round. */
async function benchAnew(url: string, page: string, cookie: string, proof: Proof): Promise<BenchResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  await using bare = await bareServer(await get(agent, url + page, cookie));
  const taken: { ours: number; baseline: number }[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const times = { ours: [] as number[], baseline: [] as number[] };
    for (let turn = 0; turn < requests / 5; turn += 1) {
      proof.change();
      times.ours.push((await get(agent, url + page, cookie)).ms);
      times.baseline.push((await get(agent, bare.url, cookie)).ms);
    }
    taken.push({ ours: percentile(times.ours, 0.99), baseline: percentile(times.baseline, 0.99) });
  }
  agent.destroy();
  return budgeted(`${page}, proof changed before each: p99, against the same bytes from memory`, 'ms', mostMs, taken);
}

interface Proof extends Disposable {
  change(): void;
}

/** Says that proof has changed, as the end of a run does. */
function openProof(path: string): Proof {
  const db = new Database(path);
  const changed = db.prepare("UPDATE meta SET value = CAST(value AS INTEGER) + 1 WHERE key = 'proofs-version'");
  return {
    change() {
      if (changed.run().changes !== 1) throw new Error('the database keeps no version of its proof any more');
    },
    [Symbol.dispose]: () => void db.close(),
  };
}

/** The page, and all that it names: on connections of their own, heads included. */
async function firstLoad(url: string, page: string, cookie: string): Promise<number> {
  const agent = new Agent({ keepAlive: true });
  const seen = new Set<string>();
  const load = async (path: string): Promise<number> => {
    seen.add(path);
    const { text, transferred } = await get(agent, url + path, cookie);
    const named = [...text().matchAll(/(?:href|src|from|import)[=\s("']+(\/assets\/[^"']+|\.\/[\w.-]+\.js)/g)].map(
      ([, found = '']) => new URL(found, url + path).pathname,
    );
    let sum = transferred;
    for (const one of named) if (!seen.has(one)) sum += await load(one);
    return sum;
  };
  try {
    return await load(page);
  } finally {
    agent.destroy();
  }
}

interface Serve {
  readonly child: ChildProcess;
  readonly url: string;
  readonly ended: Promise<unknown>;
}

/** In place: a copy would be gigabytes. It adds a token and its process, and forgets no run. */
async function startServe(home: string, path: string): Promise<Serve> {
  addReports(join(home, 'reports'));
  mkdirSync(join(home, 'drills'));
  for (let i = 0; i < drillCount; i += 1) writeFileSync(join(home, 'drills', `drill-${i}.yaml`), drill(String(i).padStart(2, '0')));
  const retention = 'retention: { runs: { maxAge: 9999d, maxCount: 9999999 } }';
  writeFileSync(join(home, 'pitwall.yaml'), `api: { port: 0 }\ndrills: [drills]\nstore: { path: "${path}" }\n${retention}\n`);
  const env = { ...process.env, PITWALL_HOME: home };
  const child = spawn(process.execPath, [pitwall, 'serve', '--config', join(home, 'pitwall.yaml')], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => child.on('close', resolve));
  const url = await new Promise<string>((resolve, reject) => {
    let log = '';
    child.stdout.on('data', (chunk: Buffer) => {
      log += chunk;
      const address = /"address":"([^"]+)"/.exec(log)?.[1];
      if (address !== undefined) resolve(address);
    });
    void ended.then(() => reject(new Error(`serve ended:\n${log}`)));
  });
  return { child, url, ended };
}

/** As many as are kept. */
function addReports(library: string): void {
  for (let i = 0; i < keptReports; i += 1) {
    const at = new Date(Date.UTC(2026, 0, 1) + i * 3_600_000).toISOString();
    const folder = join(library, `report-all-${at.slice(0, 19).replace(/[-:]/g, '').replace('T', '-')}`);
    mkdirSync(folder, { recursive: true });
    const title = 'All services, 2026-01-01 to 2026-01-31';
    writeFileSync(join(folder, 'meta.json'), JSON.stringify({ title, at }));
    for (const file of ['report.html', 'report.md', 'report.json']) writeFileSync(join(folder, file), '');
  }
}

/** Never due. */
function drill(number: string): string {
  return `name: drill-${number}
kind: reverse-uptime
schedule: { cron: "0 0 29 2 *", timezone: UTC }
targets: { compose: { project: nobody-of-bench-pages } }
params: { maxUptime: 7d }
`;
}

async function login(url: string, token: string): Promise<string> {
  const answer = await fetch(`${url}/login`, { method: 'POST', body: new URLSearchParams({ token }), redirect: 'manual' });
  const cookie = /^[^;]+/.exec(answer.headers.getSetCookie()[0] ?? '')?.[0];
  if (answer.status !== 303 || cookie === undefined) throw new Error(`the login answered ${answer.status}`);
  return cookie;
}
