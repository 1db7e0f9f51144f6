import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../src/clock.ts';
import { archiveEntries, contentOf } from '../src/container/clone/archive.ts';
import { connectEngine } from '../src/engine/connect.ts';
import { bare, socketOf } from './bare.ts';
import { pitwall, timed } from './command.ts';
import { type BenchResult, compared, within } from './result.ts';

const rounds = 5;
const many = 20;
const label = 'pitwall.test=bench-probes';

/** The whole command, from its start to its exit, with the full catalogue: on one container without and with the self-test, and on 20. */
export async function bench(): Promise<BenchResult[]> {
  const docker = bare(socketOf(process.env), 4);
  const home = mkdtempSync(join(tmpdir(), 'pitwall-bench-probes-'));
  const env = { ...process.env, PITWALL_HOME: home };
  const ids: string[] = [];
  try {
    for (let i = 0; i < many; i++) ids.push(await docker.run(`pitwall-bench-probes-${process.pid}-${i}`, label));
    await placeBusybox(home, ids[0] ?? '');
    const drill = (name: string, rest: string) => {
      const file = join(home, `${name}.yaml`);
      writeFileSync(file, `name: ${name}\nkind: adversarial-probe\n${rest}\n`);
      return file;
    };
    const one = `targets: { names: [pitwall-bench-probes-${process.pid}-0] }`;
    const files = {
      bare: drill('bare', `${one}\nparams: { selfTest: "off" }`),
      tested: drill('tested', one),
      all: drill('all', `targets: { labels: { pitwall.test: bench-probes } }\nsafety: { maxTargets: ${many} }`),
    };
    const run = async (file: string) => {
      const { ms, stdout, exitCode } = await timed([pitwall, 'run', file, '--json'], env);
      // the containers are root's, so findings are broken: that is an answer, and anything else is none
      if (exitCode > 3 || exitCode === 2) throw new Error(`pitwall run ${file} ended with ${exitCode}: ${stdout.slice(0, 500)}`);
      return ms;
    };
    // makes the helper image, and warms caches
    await run(files.bare);
    const seen: { bare: number; tested: number; all: number }[] = [];
    for (let round = 0; round < rounds; round++)
      seen.push({ bare: await run(files.bare), tested: await run(files.tested), all: await run(files.all) });
    return [
      within(
        'full catalogue on one container, without the self-test (budget 6 s)',
        'ms',
        6_000,
        seen.map((round) => round.bare),
      ),
      within(
        'the same with the self-test (budget 20 s)',
        'ms',
        20_000,
        seen.map((round) => round.tested),
      ),
      compared(
        `${many} containers against one, with the self-test`,
        'ms',
        12,
        seen.map((round) => ({ ours: round.all, baseline: round.tested })),
      ),
    ];
  } finally {
    for (const id of ids) await docker.call('DELETE', `/containers/${id}?force=1&v=1`);
    docker.close();
    rmSync(home, { recursive: true, force: true });
  }
}

/** The fixture's own static one: the machine may have none. */
async function placeBusybox(home: string, container: string): Promise<void> {
  const engine = connectEngine(
    { name: 'bench', host: process.env.DOCKER_HOST ?? 'unix:///var/run/docker.sock', environment: 'local' },
    { clock: systemClock },
  );
  try {
    const tar = await engine.readArchive(container, '/usr/bin/busybox');
    if (tar === null) throw new Error('the fixture image has no /usr/bin/busybox');
    for await (const { content } of archiveEntries(tar)) {
      const bytes = content === null ? null : await contentOf(content, 64 << 20);
      if (bytes === null) continue;
      mkdirSync(join(home, 'helper'), { recursive: true });
      writeFileSync(join(home, 'helper/busybox'), bytes, { mode: 0o755 });
      return;
    }
    throw new Error('/usr/bin/busybox of the fixture image is no file');
  } finally {
    await engine.close();
  }
}
