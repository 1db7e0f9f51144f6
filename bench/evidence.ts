import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { socketOf } from './bare.ts';
import { pitwall, timed } from './command.ts';
import { type BenchResult, compared } from './result.ts';

const rounds = 5;
const name = `pitwall-bench-evidence-${process.pid}`;
const label = 'pitwall.test=bench-evidence';
const registry = process.env.PITWALL_BENCH_REGISTRY ?? '127.0.0.1:5000';

/**
 * The whole command `pitwall freeze --disposition resume` with a registry, against what a responder would type: pause, checkpoint, commit,
 * diff, logs and inspect saved, unpause, push. The container has no sockets, 40 MB of random anonymous memory and 20 MB in its layer.
 * What each side has in the end is printed on standard error.
 */
export async function bench(): Promise<BenchResult[]> {
  const home = mkdtempSync(join(tmpdir(), 'pitwall-bench-evidence-'));
  try {
    start();
    await filled();
    writeFileSync(
      join(home, 'pitwall.yaml'),
      `store: { path: ${join(home, 'pitwall.db')} }\nevidence: { path: ${join(home, 'evidence')} }\nregistry: { url: "http://${registry}", repository: bench }\nengines: [ { name: bench, host: "unix://${socketOf(process.env)}", environment: ci } ]\n`,
    );
    const results: BenchResult[] = [];
    for (const { memory, wall, frozen } of [
      { memory: 'proc', wall: 1, frozen: 0.6 },
      { memory: 'full', wall: 1.3, frozen: 1.1 },
    ] as const) {
      const walls: { ours: number; baseline: number }[] = [];
      const frozens: { ours: number; baseline: number }[] = [];
      // the first round of both warms caches and does not count
      for (let round = -1; round < rounds; round++) {
        change();
        const ours = await freeze(home, memory);
        change();
        const theirs = await script(home);
        if (round < 0) {
          if (memory === 'proc') list(ours.folder, theirs.folder);
          continue;
        }
        walls.push({ ours: ours.wall, baseline: theirs.wall });
        frozens.push({ ours: ours.frozen, baseline: theirs.frozen });
      }
      results.push(
        compared(`memory ${memory}: the whole command, against a script of the docker CLI`, 'ms', wall, walls),
        compared(`memory ${memory}: how long the container is frozen`, 'ms', frozen, frozens),
      );
    }
    return results;
  } finally {
    docker(['unpause', name]);
    docker(['rm', '-f', name]);
    for (const id of docker(['images', '-q', '--no-trunc', '--filter', `label=${label}`]).split('\n'))
      if (id !== '') docker(['rmi', '-f', id]);
    rmSync(home, { recursive: true, force: true });
  }
}

/** Its memory is a shell's variable, so that it is anonymous; base64 of random bytes, of which no two pages are the same. */
function start(): void {
  const work =
    'x=$(head -c 30000000 /dev/urandom | base64); head -c 20000000 /dev/urandom > /layer; trap "exit 0" TERM; while :; do read -t 1 _ < /pipe; done';
  const id = docker([
    'run',
    '-d',
    '--name',
    name,
    '--label',
    label,
    '--network',
    'none',
    'pitwall-fixture/busybox:1',
    'sh',
    '-c',
    `mkfifo /pipe; sleep 1000 > /pipe & ${work}`,
  ]);
  if (id === '') throw new Error('the container of the bench could not be started');
}

async function filled(): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    if (docker(['exec', name, 'stat', '-c', '%s', '/layer']).trim() === '20000000') return;
    await sleep(200);
  }
  throw new Error('the container of the bench did not fill its layer');
}

/** Other layers each time, or the registry would have them. */
function change(): void {
  docker(['exec', name, 'sh', '-c', 'head -c 20000000 /dev/urandom > /layer']);
}

interface Taken {
  readonly wall: number;
  readonly frozen: number;
  readonly folder: string;
}

async function freeze(home: string, memory: string): Promise<Taken> {
  const args = [pitwall, 'freeze', name, '--disposition', 'resume', '--memory', memory, '--config', join(home, 'pitwall.yaml'), '--json'];
  const { ms, stdout, exitCode } = await timed(args, { ...process.env, PITWALL_HOME: home });
  if (exitCode !== 0) throw new Error(`pitwall freeze answered ${exitCode}: ${stdout}`);
  const record = JSON.parse(stdout) as { evidence: string[]; measurements: { name: string; value: number }[] };
  const frozen = record.measurements.find((measurement) => measurement.name === 'frozen_time')?.value;
  if (frozen === undefined) throw new Error('the run has no frozen_time');
  return { wall: ms, frozen, folder: join(home, 'evidence', record.evidence[0] ?? '') };
}

/** What somebody with the docker client alone would do, in the order that keeps it frozen the shortest. */
async function script(home: string): Promise<Taken> {
  const folder = mkdtempSync(join(home, 'script-'));
  mkdirSync(folder, { recursive: true });
  const tag = `${registry}/bench:script-${Date.now()}`;
  const text = `set -e
now() { date +%s%N; }
start=$(now)
docker pause ${name} >/dev/null
paused=$(now)
docker checkpoint create --leave-running ${name} ck-$$ >/dev/null
docker commit --pause=false ${name} ${tag} >/dev/null
docker diff ${name} > ${folder}/diff.txt
docker logs -t ${name} > ${folder}/logs.txt 2>&1
docker inspect ${name} > ${folder}/inspect.json
docker unpause ${name} >/dev/null
unpaused=$(now)
docker push -q ${tag} >/dev/null
end=$(now)
docker checkpoint rm ${name} ck-$$ >/dev/null
echo "$(( (end - start) / 1000 )) $(( (unpaused - paused) / 1000 ))"
`;
  const stdout = await new Promise<string>((resolve, reject) => {
    execFile('sh', ['-c', text], (error, out, stderr) => (error === null ? resolve(out) : reject(new Error(`${error.message}${stderr}`))));
  });
  const [wall = Number.NaN, frozen = Number.NaN] = stdout.trim().split(' ').map(Number);
  return { wall: wall / 1000, frozen: frozen / 1000, folder };
}

function list(ours: string, theirs: string): void {
  for (const [who, folder] of [
    ['ours', ours],
    ['theirs (and the checkpoint in the folder of the engine, the image in the registry)', theirs],
  ] as const) {
    process.stderr.write(`${who}:\n`);
    for (const file of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      if (file.isFile())
        process.stderr.write(
          `  ${join(file.parentPath, file.name).slice(folder.length + 1)} ${statSync(join(file.parentPath, file.name)).size}\n`,
        );
    }
  }
}

function docker(args: readonly string[]): string {
  try {
    return execFileSync('docker', [...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return '';
  }
}
