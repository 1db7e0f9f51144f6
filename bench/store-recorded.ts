/** What runs recorded besides their rows: matrices, curves, evidence and one long run, so that no page is measured empty. */
import { ulid } from 'ulid';
import type { Curve } from '../src/domain/curve.ts';
import type { Matrix, MatrixCell } from '../src/domain/matrix.ts';
import type { DrillKindName } from '../src/domain/words.ts';
import type { Store } from '../src/store/store.ts';

const services = Array.from({ length: 30 }, (_, i) => `svc-${String(i).padStart(3, '0')}`);
const cases = 2_000;
const heldCases = 50;
const dayMs = 86_400_000;

/** In the newest run of every drill of a kind what that kind records; the newest run of all is a long one. */
export function addRecorded(store: Store): void {
  const [newest] = store.runs.list({ limit: 1 });
  store.atOnce(() => {
    for (const id of newestOf(store, 'segmentation')) store.runs.addArtifact(id, 'matrix', 'application/json', JSON.stringify(matrix()));
    for (const id of newestOf(store, 'secret-rotation')) store.runs.addArtifact(id, 'curve', 'application/json', JSON.stringify(curve()));
    addCases(store, newestOf(store, 'forensic-freeze')[0]);
    if (newest !== undefined) addLength(store, newest.id);
  });
  // by a connection of their own, so not in the same transaction
  if (newest !== undefined) addSamples(store, newest.id, Date.parse(newest.startedAt));
}

function newestOf(store: Store, kind: DrillKindName): string[] {
  return [...store.runs.lastByDrill().values()].filter((run) => run.kind === kind).map(({ id }) => id);
}

function matrix(): Matrix {
  const cells = services.flatMap((from, i) =>
    [...services, 'host', 'external'].flatMap((to, j): MatrixCell[] => {
      if (from === to) return [];
      const allowed = (i * 7 + j) % 5 === 0;
      const wrong = (i * 31 + j) % 97 === 0;
      const open = allowed !== wrong;
      return [
        {
          from,
          to,
          address: `172.20.${i}.${j}`,
          port: 8080,
          protocol: 'tcp',
          declared: allowed ? 'allow' : 'deny',
          simulated: allowed ? 'allow' : 'deny',
          measured: open ? 'open' : 'closed',
          disagreement: wrong ? (open ? 'deny-but-open' : 'allow-but-closed') : null,
        },
      ];
    }),
  );
  return { cells };
}

function curve(): Curve {
  const tracks = services.slice(0, 6).flatMap((service) =>
    (['login', 'session', 'token'] as const).map((mode) => ({
      point: `db:5432 (${service}-1)`,
      from: `${service}-1`,
      credential: 'old' as const,
      mode,
      changes: [
        { at: -5_000, answer: 'accepted' as const, code: null },
        ...Array.from({ length: 10 }, (_, k) => ({
          at: 1_000 + k * 700,
          answer: k % 2 === 0 ? ('refused' as const) : ('accepted' as const),
          code: '28P01',
        })),
      ],
      attempts: { accepted: 120, refused: 140, closed: 0, unknown: 0 },
    })),
  );
  const plan = (name: 'planned' | 'leak') => ({
    plan: name,
    credential: 'canary' as const,
    probeEveryMs: 250,
    uncertaintyMs: 2,
    from: -5_000,
    to: 60_000,
    phases: ['prepare', 'refuse', 'issue', 'deliver', 'verify'].map((phase, k) => ({ name: phase, from: k * 1_000, to: k * 1_000 + 900 })),
    tracks,
    consumers: services.slice(0, 8).map((service) => ({ service, requests: 240, failed: 3, outages: [{ from: 900, to: 1_650 }] })),
  });
  return { plans: [plan('planned'), plan('leak')] };
}

function addCases(store: Store, runId: string | undefined): void {
  if (runId === undefined) return;
  const now = Date.now();
  const of = { engine: 'staging-1', engineId: 'b1946ac9-2490-4c1c-9e5a-000000000000' };
  for (let i = 0; i < cases; i += 1) {
    const requestedAt = now - (cases - i) * 600_000;
    const id = `ev_${ulid(requestedAt)}`;
    const name = `${services[i % services.length]}-${i % 5}`;
    const container = {
      id: i.toString(16).padStart(64, '0'),
      name,
      service: services[i % services.length] ?? null,
      image: 'shop-web:1',
      imageId: `sha256:${'1'.repeat(64)}`,
      labels: {},
    };
    const said = { reason: 'a shell in the container', actor: 'ana', trigger: 'api', disposition: 'keep', memory: 'proc' } as const;
    store.evidence.open({ id, runId, ...of, container, ...said, requestedAt });
    const known = {
      frozenAt: requestedAt + 400,
      sealedAt: requestedAt + 21_000,
      bytes: 48_211_331,
      coverage: 0.97,
      seal: 'intact',
    } as const;
    const held = cases - i <= heldCases;
    store.evidence.update(id, { ...known, state: held ? 'whole' : 'pruned', ...(held ? {} : { prunedAt: requestedAt + dayMs }) });
    if (!held) continue;
    const whose = { containerId: container.id, containerName: name, foreign: false };
    store.holds.open({ evidenceId: id, ...of, ...whose, deadline: now + 365 * dayMs, onExpiry: 'notify' });
    store.holds.update(id, { state: 'held' });
  }
}

/** 500 lines of its timeline, and 80 findings on each of eight targets. */
function addLength(store: Store, id: string): void {
  for (let i = 0; i < 500; i += 1) store.events.add(id, 'step', services[i % 8] ?? null, `step ${i} of what was done to it`);
  const findings = Array.from({ length: 80 * 8 }, (_, i) => ({
    probe: `PRV-${String(i % 80).padStart(2, '0')}`,
    title: `what holds ${i % 80}`,
    target: services[i % 8] ?? null,
    state: i % 97 === 0 ? ('broken' as const) : ('holds' as const),
    severity: 'medium' as const,
    evidence: 'NoNewPrivs: 1; CapEff: 00000000a80425fb '.repeat(4),
    waivedUntil: null,
  }));
  store.runs.addFindings(id, findings);
}

/** 25 minutes of four checks. */
function addSamples(store: Store, id: string, startedAt: number): void {
  store.samples.add(
    Array.from({ length: 6_000 }, (_, i) => {
      const ok = i % 900 > 20;
      const offsetMs = Math.floor(i / 4) * 1_000;
      const latencyMs = ok ? (i * 7) % 113 : null;
      return { runId: id, check: `check ${i % 4}`, at: startedAt + offsetMs, offsetMs, ok, latencyMs, error: ok ? null : 'HTTP 503' };
    }),
  );
}
