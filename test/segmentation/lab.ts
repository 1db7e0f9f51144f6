import { join } from 'node:path';
import type { Matrix, MatrixCell } from '../../src/domain/matrix.ts';
import type { Finding, RunRecord } from '../../src/domain/words.ts';
import { openStore } from '../../src/store/open.ts';
import { realClock } from '../checks/scope.ts';
import { docker, type Fixture, fixture } from '../support/containers.ts';
import { type Pitwall, pitwall } from '../support/pitwall.ts';

/** Listens on 8080, and ends on SIGTERM. */
export const listens = ['sh', '-c', 'trap "exit 0" TERM; httpd -p 8080; while :; do sleep 1 & wait $!; done'];

export interface Seen {
  readonly exitCode: number | null;
  readonly record: RunRecord;
  readonly cells: readonly MatrixCell[];
  /** `NET-04 web → cache:6379` of those that are broken, sorted. */
  readonly broken: readonly string[];
  finding(title: string): Finding | undefined;
}

export interface Lab extends AsyncDisposable {
  readonly box: Fixture;
  readonly home: Pitwall;
  /** The name that it gets on the engine. */
  network(name: string, ...args: string[]): Promise<string>;
  /** A service of the lab's project with one container; unless a command follows `--` it listens on 8080. */
  service(name: string, ...args: string[]): Promise<string>;
  /** Until those services listen, which `run` waits for by itself: one that has started need not yet, and refuses who asks too early. */
  ready(): Promise<unknown>;
  /** A drill on all of the lab; `params` are lines of YAML. */
  drill(params: string, file?: string): string;
  run(params: string): Promise<Seen>;
}

export function lab(): Lab {
  const box = fixture();
  const home = pitwall();
  const awaited: Promise<unknown>[] = [];
  const drill: Lab['drill'] = (params, file = 'drill.yaml') =>
    home.file(
      file,
      `name: walls\nkind: segmentation\ntargets: { labels: { pitwall.test: ${box.id} } }\nsafety: { maxTargets: 60 }\nparams:\n${params.replaceAll(/^/gm, '  ')}\n`,
    );
  return {
    box,
    home,
    drill,
    async network(name, ...args) {
      await docker('network', 'create', '--label', box.label, ...args, box.name(name));
      return box.name(name);
    },
    async service(name, ...args) {
      const labels = ['--label', `com.docker.compose.project=${box.id}`, '--label', `com.docker.compose.service=${name}`];
      if (args.includes('--')) return box.run(name, ...labels, ...args);
      const id = await box.run(name, ...labels, ...args, '--', ...listens);
      const waiting = listening(id);
      waiting.catch(() => undefined);
      awaited.push(waiting);
      return id;
    },
    ready: () => Promise.all(awaited),
    async run(params) {
      await this.ready();
      const { exitCode, record } = await home.run(drill(params));
      return seenIn(exitCode, record, home);
    },
    async [Symbol.asyncDispose]() {
      home[Symbol.dispose]();
      await box[Symbol.asyncDispose]();
    },
  };
}

/** Resolves once something in the container listens there. */
export function listening(id: string, port = 8080, protocol: 'tcp' | 'udp' = 'tcp'): Promise<unknown> {
  return docker('exec', id, 'sh', '-c', `until netstat -ln${protocol[0]} | grep -q ":${port} "; do sleep 0.05; done`);
}

export function seenIn(exitCode: number | null, record: RunRecord, home: Pitwall): Seen {
  const store = openStore({ path: join(home.home, 'pitwall.db'), clock: realClock, create: false });
  const artifact = store.runs.artifact(record.id, 'matrix');
  store.close();
  const { cells } = (artifact === null ? { cells: [] } : JSON.parse(artifact.content.toString('utf8'))) as Matrix;
  return {
    exitCode,
    record,
    cells,
    broken: record.findings
      .filter(({ state }) => state === 'broken')
      .map(({ probe, title }) => `${probe} ${title}`)
      .toSorted(),
    finding: (title) => record.findings.find((finding) => finding.title === title),
  };
}

/** Ids of the helpers of this home that run now. */
export async function helpersOf(home: Pitwall): Promise<string[]> {
  const store = openStore({ path: join(home.home, 'pitwall.db'), clock: realClock });
  const { instanceId } = store;
  store.close();
  const ids = await docker('ps', '-q', '--filter', `label=pitwall.instance=${instanceId}`, '--filter', 'status=running');
  return ids.split('\n').filter(Boolean);
}

/** What a run could leave: its own things on the engine. */
export async function leftOf(runId: string): Promise<string> {
  const filter = ['--filter', `label=pitwall.run=${runId}`];
  const found = await Promise.all([
    docker('ps', '-aq', ...filter),
    docker('network', 'ls', '-q', ...filter),
    docker('volume', 'ls', '-q', ...filter),
  ]);
  return found.join('');
}
