import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pitwall, timed } from './command.ts';
import { type BenchResult, compared } from './result.ts';

const rounds = 11;

/** `pitwall drills` on a catalogue of 20, as a whole command, against Node doing nothing. */
export async function bench(): Promise<BenchResult[]> {
  const home = mkdtempSync(join(tmpdir(), 'pitwall-bench-start-'));
  try {
    const catalogue = join(home, 'drills');
    mkdirSync(catalogue);
    for (let i = 0; i < 20; i++) writeFileSync(join(catalogue, `drill-${i}.yaml`), drill(i));
    writeFileSync(join(home, 'pitwall.yaml'), `store: { path: ${join(home, 'pitwall.db')} }\n`);
    const args = [pitwall, 'drills', '--config', join(home, 'pitwall.yaml')];
    const first = await timed(args);
    if (first.exitCode !== 0) throw new Error(`pitwall drills answered ${first.exitCode}: ${first.stdout}`);
    const taken: { ours: number; baseline: number }[] = [];
    for (let round = 0; round < rounds; round++) {
      taken.push({ ours: (await timed(args)).ms, baseline: (await timed(['-e', '0'])).ms });
    }
    return [compared('pitwall drills, 20 drills, against node -e 0', 'ms', 6, taken)];
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

function drill(i: number): string {
  return `name: drill-${i}
kind: reverse-uptime
description: Bench drill ${i}.
schedule: { cron: "${i} 3 * * 1-5", timezone: Europe/Amsterdam, jitter: 10m, missed: run-once }
targets: { compose: { project: bench, services: [web, api] } }
safety: { maxTargets: 6, minHealthy: 50%, timeout: 10m }
params: { maxUptime: 7d, mode: recreate, parallel: 1, order: oldest-first, spread: 20%, grace: 10s }
objectives: { time_to_healthy: 30s }
`;
}
