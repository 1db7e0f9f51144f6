import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Bare, bare, socketOf } from './bare.ts';
import { pitwall, timed } from './command.ts';
import { type BenchResult, compared } from './result.ts';

const containers = 60;
const parallel = 8;
const rounds = 5;
const label = 'pitwall.test=bench-recycle';

/** Reverse uptime by restart, as a whole run, against the same restarts asked of the socket with nothing around them. */
export async function bench(): Promise<BenchResult[]> {
  const socket = socketOf(process.env);
  const docker = bare(socket, parallel);
  const home = mkdtempSync(join(tmpdir(), 'pitwall-bench-recycle-'));
  const ids: string[] = [];
  try {
    for (let i = 0; i < containers; i++) ids.push(await docker.run(`pitwall-bench-recycle-${process.pid}-${i}`, label));
    writeFileSync(join(home, 'recycle.yaml'), drill);
    writeFileSync(
      join(home, 'pitwall.yaml'),
      `store: { path: ${join(home, 'pitwall.db')} }\nengines: [ { name: bench, host: "unix://${socket}", environment: ci } ]\n`,
    );
    const args = [pitwall, 'run', join(home, 'recycle.yaml'), '--config', join(home, 'pitwall.yaml'), '--json'];
    const whole: { ours: number; baseline: number }[] = [];
    const inRun: { ours: number; baseline: number }[] = [];
    // the first round of both warms caches and does not count
    for (let round = -1; round < rounds; round++) {
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      const ours = await timed(args);
      if (ours.exitCode !== 0) throw new Error(`pitwall run answered ${ours.exitCode}: ${ours.stdout}`);
      const record = JSON.parse(ours.stdout) as { durationMs: number; measurements: { name: string; value: number }[] };
      const recycled = record.measurements.find((measurement) => measurement.name === 'recycled')?.value;
      if (recycled !== containers) throw new Error(`${recycled} of ${containers} were recycled`);
      const baseline = await restartAll(docker, ids);
      if (round >= 0) {
        whole.push({ ours: ours.ms, baseline });
        inRun.push({ ours: record.durationMs, baseline });
      }
    }
    return [
      compared(`restart of ${containers}, parallel ${parallel}: the run, against bare calls`, 'ms', 1.25, inRun),
      compared(`restart of ${containers}, parallel ${parallel}: the whole command, against bare calls`, 'ms', 1.25, whole),
    ];
  } finally {
    for (const id of ids) await docker.call('DELETE', `/containers/${id}?force=1`);
    docker.close();
    rmSync(home, { recursive: true, force: true });
  }
}

const drill = `name: bench-recycle
kind: reverse-uptime
environments: [ci]
targets: { labels: { pitwall.test: bench-recycle } }
safety: { maxTargets: ${containers}, timeout: 5m }
params: { maxUptime: 1s, mode: restart, parallel: ${parallel} }
objectives: { time_to_healthy: 60s }
`;

async function restartAll(docker: Bare, ids: readonly string[]): Promise<number> {
  const waiting = [...ids];
  const begun = performance.now();
  await Promise.all(
    Array.from({ length: parallel }, async () => {
      for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) await docker.call('POST', `/containers/${id}/restart`);
    }),
  );
  return performance.now() - begun;
}
