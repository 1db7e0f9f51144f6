/** A real server on a real port with a real database in a folder of its own, and a catalogue that needs no engine. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pino } from 'pino';
import { monotonicFactory } from 'ulid';
import { openAudit } from '../../src/access/audit.ts';
import { type Role, roles } from '../../src/access/roles.ts';
import { refuseOutOfScope } from '../../src/access/scope.ts';
import { openSessions } from '../../src/access/sessions.ts';
import { createToken, verifyToken } from '../../src/access/tokens.ts';
import { systemClock } from '../../src/clock.ts';
import type { Clock } from '../../src/domain/clock.ts';
import type { Drill } from '../../src/domain/drill.ts';
import { drillKinds } from '../../src/domain/words.ts';
import type { CaseDetail } from '../../src/forensics/service.ts';
import type { TargetView } from '../../src/runner/targets/target-view.ts';
import { createScorecards } from '../../src/scheduler/scorecards.ts';
import type { ServerDeps } from '../../src/server/deps.ts';
import type { Limits } from '../../src/server/limits.ts';
import { createReports } from '../../src/server/reports.ts';
import { type Server, startServer } from '../../src/server/start.ts';
import { openStore } from '../../src/store/open.ts';
import type { NewRun } from '../../src/store/runs.ts';
import type { Store } from '../../src/store/store.ts';

export interface Harness extends AsyncDisposable {
  readonly server: Server;
  readonly url: string;
  readonly deps: ServerDeps;
  readonly store: Store;
  readonly tokens: Readonly<Record<Role, string>>;
  /** The server's log, a line each. */
  readonly log: readonly string[];
  /** Makes a run's row, as a runner does. */
  openRun(run?: Partial<NewRun>): string;
  /** `call('POST', '/api/v1/halt', { token, body })` */
  call(method: string, path: string, options?: CallOptions): Promise<Answer>;
}

export interface CallOptions {
  readonly token?: string | undefined;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly base?: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: unknown;
}

/** @param clock of the store and of the server; default the machine's */
export async function startHarness(
  overrides: Partial<ServerDeps> = {},
  limits: Partial<Limits> = {},
  clock: Clock = systemClock,
): Promise<Harness> {
  const folder = mkdtempSync(join(tmpdir(), 'pitwall-server-'));
  const store = openStore({ path: join(folder, 'pitwall.db'), clock });
  const log: string[] = [];
  const deps: ServerDeps = { ...defaultDeps(store, log, clock), ...overrides };
  const tokens = Object.fromEntries(roles.map((role) => [role, createToken(store, `the-${role}`, role)])) as Record<Role, string>;
  const newId = monotonicFactory();
  // what a stalled test asks next must not meet a connection that is closed at that moment
  const server = await startServer(deps, { idleMs: 0, ...limits });
  return {
    server,
    url: server.address,
    deps,
    store,
    tokens,
    log,
    openRun(run = {}) {
      const id = newId();
      store.runs.open({ ...newRun, id, ...run });
      return run.id ?? id;
    },
    call: (method, path, options = {}) => call(options.base ?? server.address, method, path, options),
    async [Symbol.asyncDispose]() {
      await server.stop();
      store.close();
      rmSync(folder, { recursive: true });
    },
  };
}

async function call(base: string, method: string, path: string, { token, body, headers }: CallOptions): Promise<Answer> {
  const response = await fetch(`${base}${path}`, {
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    redirect: 'manual',
  });
  const text = await response.text();
  const isJson = text !== '' && response.headers.get('content-type')?.startsWith('application/json') === true;
  return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : null };
}

/**
 * Of this machine, but not loopback: what comes from there comes from elsewhere. From the routes, as Node leaves out interfaces without a
 * carrier, such as an engine's bridge on which nothing runs; in a network namespace of its own there is no other.
 */
export function outerAddress(): string {
  const [, local = ''] = readFileSync('/proc/net/fib_trie', 'utf8').split('\nLocal:\n');
  const hosts = [...local.matchAll(/\|-- (\d+\.\d+\.\d+\.\d+)\n\s+\/32 host LOCAL/g)].map(([, address = '']) => address);
  const outer = hosts.find((address) => !address.startsWith('127.'));
  if (outer === undefined) throw new Error('this machine has no address but loopback: nothing here can come from elsewhere');
  return outer;
}

const engine = { name: 'local', id: 'ENGINE', version: '26.1.5', environment: 'local' };
export const newRun: Omit<NewRun, 'id'> = {
  drill: 'recycle-shop',
  kind: 'reverse-uptime',
  trigger: 'manual',
  actor: 'test',
  engine,
  seed: 'seed',
  definition: `sha256:${'0'.repeat(64)}`,
  processId: 1,
};

/** Makes a case's row, held frozen unless told otherwise. */
export function openCase(store: Store, id: string, { held = true }: { readonly held?: boolean } = {}): void {
  const container = { id: 'c'.repeat(64), name: 'shop-web-1', service: 'web', image: 'shop-web', imageId: 'sha256:0', labels: {} };
  const of = { engine: 'local', engineId: 'ENGINE' };
  const asked = { reason: 'smoke', actor: 'ana', trigger: 'api', disposition: 'keep', memory: 'proc', requestedAt: 1_000 } as const;
  store.evidence.open({ id, runId: id.slice(3), ...of, container, ...asked });
  if (!held) return;
  const lease = { foreign: false, deadline: 2_000, onExpiry: 'notify' } as const;
  store.holds.open({ evidenceId: id, ...of, containerId: container.id, containerName: container.name, ...lease });
  store.holds.update(id, { state: 'held' });
}

/** What is known of a case that has captured nothing yet. */
export function caseDetail(store: Store, id: string): CaseDetail {
  const evidence = store.evidence.get(id);
  if (evidence === null) throw new Error(`no case ${id}`);
  const nothing = { processes: [], sockets: [], files: [], images: [], coverage: [], seal: null, custody: [], timeline: [], alert: null };
  return { evidence, ...nothing, lease: evidence.hold };
}

export const shopTarget: TargetView = {
  engine: 'local',
  environment: 'local',
  id: 'a'.repeat(64),
  name: 'shop-web-1',
  image: 'shop-web',
  service: 'web',
  project: 'shop',
  status: 'Up 3 minutes (healthy)',
  createdAt: Date.UTC(2026, 0, 1),
  kinds: ['reverse-uptime'],
  leftOut: null,
  skipped: false,
  protectedBy: null,
  limit: null,
};

export function drill(name: string, change: Partial<Drill> = {}): Drill {
  return {
    name,
    kind: 'reverse-uptime',
    description: `the drill ${name}`,
    schedule: { cron: '0 3 * * *', timezone: 'Europe/Amsterdam', jitterMs: 0, missed: 'run-once' },
    environments: ['staging'],
    targets: {
      labels: {},
      compose: { project: 'shop', services: ['web'] },
      names: null,
      images: null,
      networks: null,
      engines: null,
      pick: { all: true },
    },
    safety: { maxTargets: 10, minHealthy: null, timeoutMs: 600_000, abortIf: null, window: null },
    steadyState: [{ name: 'web is healthy', type: 'health', service: 'web', everyMs: 250, timeoutMs: 1_000, minAvailability: null }],
    params: { maxUptime: 604_800_000 },
    objectives: { time_to_healthy: { max: 60_000 } },
    source: { file: 'drills/shop.yaml', line: 1, text: 'name: x', definition: `sha256:${'0'.repeat(64)}` },
    ...change,
  };
}

function defaultDeps(store: Store, log: string[], clock: Clock): ServerDeps {
  const newId = monotonicFactory();
  const drills = [drill('recycle-shop'), drill('by-hand', { schedule: null })];
  const scorecards = createScorecards({ store, drills: () => drills, kinds: drillKinds, clock });
  return {
    store,
    tokens: { verify: (token) => verifyToken(store, token) },
    sessions: openSessions({ store, verifyToken: (token) => verifyToken(store, token), clock }),
    audit: openAudit(store),
    config: { host: '127.0.0.1', port: 0 },
    catalogue: () => ({
      drills,
      problems: [{ message: 'drills/broken.yaml:3:1 params: unknown key' }],
    }),
    nextRuns: (_drill, n) => Array.from({ length: n }, (_, i) => Date.UTC(2030, 0, 1 + i, 2)),
    startRun: async (name, { actor, seed = 'made', trigger, scope }) => {
      refuseOutOfScope(scope, { drill: name, engine: engine.name });
      const id = newId();
      store.runs.open({ ...newRun, id, drill: name, actor, seed, trigger });
      return { id };
    },
    scorecards,
    reports: createReports(
      join(dirname(store.path), 'reports'),
      {
        store,
        kinds: new Map(drillKinds.map((kind) => [kind, { summary: `what ${kind} does` }])),
        probes: [],
        version: '0.1.0',
        scorecard: (at) => scorecards.withItems(at),
      },
      clock,
    ),
    freezes: {
      start: async ({ containers }, { actor, trigger, scope }) => {
        const found = containers ?? ['shop-web-1'];
        refuseOutOfScope(
          scope,
          found.map((container) => ({ engine: engine.name, container })),
        );
        const id = newId();
        store.runs.open({ ...newRun, id, drill: null, kind: 'forensic-freeze', actor, trigger });
        return { id };
      },
      release: async (_id, to) => ({ outcome: `released to ${to}` }),
      lease: async (id, ms) => {
        store.holds.update(id, { deadline: clock.now() + ms });
        const hold = store.holds.get(id);
        if (hold === null) throw new Error(`no hold of ${id}`);
        return hold;
      },
    },
    evidence: {
      list: async (filter) => store.evidence.list(filter),
      get: async (id) => caseDetail(store, id),
      manifest: async (id) => ({ id, subject: [] }),
      custody: async (id) => [{ id, what: 'captured' }],
      verify: async () => ({ ok: true, checked: 3, signedBy: 'f'.repeat(64), problems: [], notes: [] }),
      download: async (id, who) => ({
        name: `${id}.tar`,
        stream: Readable.from([Buffer.from('a tar of '), Buffer.from(`${id} for ${who}`)]),
      }),
    },
    alerts: { rules: [], engines: [], whyNot: () => null },
    targets: async () => [shopTarget],
    fleet: [{ engine: 'local', targets: async () => [shopTarget] }],
    plan: async (name) => ({ drill: name, engines: [] }),
    ready: async () => ({ ok: true, checks: [{ kind: 'engine', name: 'local', ok: true, message: '26.1.5' }] }),
    lateness: () => [],
    version: '0.1.0',
    clock,
    log: pino({ level: 'info' }, { write: (line: string) => void log.push(line) }),
  };
}
