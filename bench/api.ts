import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type BenchResult, compared, within } from './result.ts';
import { historyOf } from './store-history.ts';

const runs = 1_000_000;
const connections = 50;
const seconds = 4;
const rounds = 5;
const paths = ['/api/v1/runs?limit=50', '/api/v1/scorecard'];

interface Load {
  /** Of one request, the server being never idle. */
  readonly us: number;
  readonly p99: number;
}

/** The API over a million stored runs against a bare fastify route that has the same bytes in memory; each server and the load in a process of its own. */
export async function bench(): Promise<BenchResult[]> {
  const database = historyOf(runs, (text) => void process.stderr.write(`${text}\n`));
  const folder = mkdtempSync(join(tmpdir(), 'pitwall-bench-api-'));
  const ours = await startSide('pitwall', database);
  try {
    const answers = await Promise.all(
      paths.map(async (path) => [path.split('?')[0] ?? path, await bytesOf(`${ours.address}${path}`)] as const),
    );
    writeFileSync(join(folder, 'answers.json'), JSON.stringify(Object.fromEntries(answers)));
    const bare = await startSide('bare', join(folder, 'answers.json'));
    try {
      const results: BenchResult[] = [];
      for (const path of paths) results.push(...(await compare(path, ours.address, bare.address)));
      return results;
    } finally {
      await bare.stop();
    }
  } finally {
    await ours.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function compare(path: string, ours: string, bare: string): Promise<BenchResult[]> {
  const [sent, kept] = [(await bytesOf(`${ours}${path}`)).length, (await bytesOf(`${bare}${path}`)).length];
  // Ages in the scorecard grow by the minute.
  if (Math.abs(sent - kept) > kept / 100) throw new Error(`${path}: ${sent} bytes against ${kept}`);
  for (const address of [ours, bare]) await load(`${address}${path}`, 2);
  const taken: { ours: Load; bare: Load }[] = [];
  for (let round = 0; round < rounds; round++) {
    const first = round % 2 === 0 ? await load(`${ours}${path}`, seconds) : null;
    const baseline = await load(`${bare}${path}`, seconds);
    taken.push({ ours: first ?? (await load(`${ours}${path}`, seconds)), bare: baseline });
  }
  return [
    compared(
      `GET ${path}, ${runs} runs, ${connections} connections: time a request, against a bare route with the same bytes`,
      'µs',
      2.5,
      taken.map((one) => ({ ours: one.ours.us, baseline: one.bare.us })),
    ),
    within(
      `GET ${path}: p99`,
      'ms',
      40,
      taken.map((one) => one.ours.p99),
    ),
  ];
}

async function load(url: string, duration: number): Promise<Load> {
  const file = fileURLToPath(new URL('api-load.mjs', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [file, url, String(connections), String(duration)]);
  const { good, bad, errors, average, p99 } = JSON.parse(stdout) as Readonly<Record<'good' | 'bad' | 'errors' | 'average' | 'p99', number>>;
  if (bad > 0 || errors > 0 || good === 0) throw new Error(`${url}: ${good} good, ${bad} bad, ${errors} errors`);
  return { us: 1e6 / average, p99 };
}

async function bytesOf(url: string): Promise<string> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  return response.text();
}

interface Side {
  readonly address: string;
  stop(): Promise<void>;
}

async function startSide(side: 'pitwall' | 'bare', path: string): Promise<Side> {
  const file = fileURLToPath(new URL('api-server.mjs', import.meta.url));
  const child: ChildProcess = spawn(process.execPath, [file, side, path], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const address = await new Promise<string>((resolve, reject) => {
    child.stdout?.setEncoding('utf8').once('data', (text: string) => resolve(text.trim()));
    void ended.then(() => reject(new Error(`the side ${side} did not start`)));
  });
  return {
    address,
    async stop() {
      child.stdin?.end();
      await ended;
    },
  };
}
