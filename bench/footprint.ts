import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pitwall } from './command.ts';
import { type BenchResult, within } from './result.ts';

const servers = 5;
const mostMegabytes = 140;
const restMs = 60_000;

/** Resident memory of `serve` at rest: a minute after its start, and a minute after a drill. Each round is a process of its own. */
export async function bench(): Promise<BenchResult[]> {
  const home = mkdtempSync(join(tmpdir(), 'pitwall-bench-footprint-'));
  const container = execFileSync(
    'docker',
    ['run', '-d', '--label', 'pitwall.test=bench-footprint', '--label', 'pitwall.drills=all', 'pitwall-fixture/busybox:1'],
    { encoding: 'utf8' },
  ).trim();
  const running = Array.from({ length: servers }, (_, index) => serve(join(home, String(index)), 17_600 + index));
  try {
    await sleep(restMs);
    const idle = running.map(({ child }) => residentMegabytes(child));
    for (const server of running) await drill(server);
    await sleep(restMs);
    const after = running.map(({ child }) => residentMegabytes(child));
    return [within('serve, 60 s after start', 'MB', mostMegabytes, idle), within('serve, 60 s after a drill', 'MB', mostMegabytes, after)];
  } finally {
    for (const { child } of running) child.kill('SIGTERM');
    await Promise.all(
      running.map(({ child }) => (child.exitCode === null ? new Promise((resolve) => child.once('exit', resolve)) : Promise.resolve())),
    );
    execFileSync('docker', ['rm', '-f', container], { stdio: 'ignore' });
    rmSync(home, { recursive: true, force: true });
  }
}

interface Server {
  readonly child: ChildProcess;
  readonly port: number;
  readonly home: string;
}

function serve(home: string, port: number): Server {
  mkdirSync(join(home, 'drills'), { recursive: true });
  writeFileSync(join(home, 'drills', 'one.yaml'), drillFile);
  writeFileSync(
    join(home, 'pitwall.yaml'),
    `api: { port: ${port} }\nstore: { path: pitwall.db }\nengines: [ { name: bench, host: "${process.env.DOCKER_HOST ?? 'unix:///var/run/docker.sock'}", environment: ci } ]\n`,
  );
  const child = spawn(process.execPath, [pitwall, 'serve', '--config', join(home, 'pitwall.yaml')], {
    env: { ...process.env, PITWALL_HOME: home },
    stdio: 'ignore',
  });
  return { child, port, home };
}

async function drill({ port, home }: Server): Promise<void> {
  const token = readFileSync(join(home, 'token'), 'utf8').trim();
  const base = `http://127.0.0.1:${port}/api/v1`;
  const started = await fetch(`${base}/drills/one/runs`, { method: 'POST', headers: { authorization: `Bearer ${token}` } });
  if (started.status !== 202) throw new Error(`POST runs answered ${started.status}: ${await started.text()}`);
  const { id } = (await started.json()) as { id: string };
  for (;;) {
    const run = (await (await fetch(`${base}/runs/${id}`)).json()) as { verdict: string | null; reason: string };
    if (run.verdict === 'passed') return;
    if (run.verdict !== null) throw new Error(`the drill ${run.verdict}: ${run.reason}`);
    await sleep(200);
  }
}

function residentMegabytes({ pid }: ChildProcess): number {
  const line = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  if (line === null) throw new Error(`no VmRSS of process ${pid}`);
  return Number(line[1]) / 1024;
}

const drillFile = `name: one
kind: reverse-uptime
environments: [ci]
targets: { labels: { pitwall.test: bench-footprint } }
params: { maxUptime: 1s, mode: restart }
`;
