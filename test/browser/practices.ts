/** What the shop of the filled database practised, how often, and what came of it. */

import type { Curve, CurveTrack } from '../../src/domain/curve.ts';
import type { Matrix, MatrixCell } from '../../src/domain/matrix.ts';
import type { Finding, Measurement, Unit } from '../../src/domain/words.ts';
import { inDays } from '../scorecard/practise.ts';
import type { Filled, Outcome } from './filled-store.ts';

export interface Practice {
  readonly drill: string | null;
  readonly kind: string;
  readonly everyDays: number;
  /** Shifts the days on which it is due. */
  readonly firstDay?: number;
  /** Into the day. */
  readonly atMs: number;
  readonly durationMs: number;
  /** `day`: how many days ago. */
  of(day: number): Outcome;
  /** What this run is an example of. */
  names?(day: number): readonly (keyof Filled['runs'])[];
}

const webs = ['shop-web-1', 'shop-web-2', 'shop-api-1'] as const;
const serviceOf = (name: string) => name.split('-')[1] ?? null;

const recycle: Practice = {
  drill: 'recycle-shop',
  kind: 'reverse-uptime',
  everyDays: 1,
  atMs: 10_800_000,
  durationMs: 23_400,
  of(day) {
    // one bad morning, one that was halted, one whose database was never put back, and a slow week that has not ended
    if (day === 33) return { verdict: 'refused', reason: 'halted by ana: checking the pumps', targets: [] };
    const failed = day === 12;
    const slow = day < 8 ? 9_000 : 0;
    return {
      verdict: failed ? 'failed' : 'passed',
      exitCode: failed || day === 20 ? (day === 20 ? 5 : 1) : 0,
      reason: failed ? 'shop-api-1 was not healthy within its 30 s' : '3 recycled',
      residue: day === 20 ? ['the network alias db of shop-api-1 was not put back'] : [],
      targets: [
        ...webs.map((name) => [name, serviceOf(name), failed && name === 'shop-api-1' ? 'put back' : 'recycled'] as const),
        ['shop-tools-1', null, null, 'it is not opted in'] as const,
      ],
      events: [
        [0, 'selected', null, '3 of 4 containers picked'],
        [0.05, 'planned', null, 'shop-web-1, shop-web-2, shop-api-1: one after another'],
        ...webs.map((name, i) => [0.1 + i * 0.3, 'recycled', name, 'made again, healthy after 4.1 s'] as const),
        [0.98, 'steady-state', null, 'every check holds'],
      ],
      measurements: webs.flatMap((target, i) => [
        measured('time_to_healthy', target, failed && target === 'shop-api-1' ? 30_000 : 3_800 + i * 500 + slow + (day % 5) * 130, 30_000),
        measured('downtime', target, i === 2 ? 1_900 + slow / 10 : 0, 2_000),
      ]),
      changes: [{ kind: 'recreate', target: 'shop-api-1', state: day === 20 ? 'residue' : 'undone' }],
      artifacts: { availability: availability(failed) },
    };
  },
  names: (day) => [
    ...(day === 12 ? (['failed'] as const) : []),
    ...(day === 20 ? (['residue'] as const) : []),
    ...(day === 1 ? (['passed'] as const) : []),
  ],
};

const probes = [
  ['PRV-01', 'does not run as root', 'medium'],
  ['PRV-04', 'no new privileges', 'medium'],
  ['FS-01', 'the root file system is read-only', 'medium'],
  ['FS-05', 'the engine’s socket is out of reach', 'critical'],
  ['NET-01', 'the host’s network is out of reach', 'high'],
  ['RES-01', 'memory has a limit', 'medium'],
  ['SEC-02', 'no secret in the environment', 'high'],
  ['IMG-01', 'the image is pinned by digest', 'low'],
] as const;

const sandbox: Practice = {
  drill: 'sandbox',
  kind: 'adversarial-probe',
  everyDays: 1,
  atMs: 16_200_000,
  durationMs: 41_000,
  of(day) {
    const findings = ['shop-web-1', 'shop-web-2', 'shop-api-1', 'shop-db-1', 'shop-redis-1'].flatMap((target) =>
      probes.map(([probe, title, severity]): Finding => {
        // the api lost its limit five days ago; the images were never pinned, and somebody waived it for the web
        const broken = (probe === 'RES-01' && target === 'shop-api-1' && day <= 5) || (probe === 'IMG-01' && target !== 'shop-db-1');
        const unknown = probe === 'NET-01' && target === 'shop-redis-1';
        const state = broken
          ? 'broken'
          : unknown
            ? 'inconclusive'
            : probe === 'SEC-02' && target === 'shop-redis-1'
              ? 'not-applicable'
              : 'holds';
        const waivedUntil = broken && probe === 'IMG-01' && target.startsWith('shop-web') ? inDays(29) : null;
        return { probe, title, target, state, severity, evidence: `${probe} on ${target}: ${state}`, waivedUntil };
      }),
    );
    const broken = day <= 5;
    return {
      verdict: broken ? 'failed' : 'passed',
      reason: broken ? 'RES-01 is broken on shop-api-1' : '40 probes, none of which found a way',
      targets: ['shop-web-1', 'shop-web-2', 'shop-api-1', 'shop-db-1', 'shop-redis-1'].map(
        (name) => [name, serviceOf(name), 'probed'] as const,
      ),
      events: [
        [0.1, 'selected', null, '5 of 5 containers picked'],
        [0.9, 'probed', 'shop-api-1', broken ? '7 hold, 1 is broken' : '8 hold'],
      ],
      measurements: [measured('self_test_detection', null, 1, null, 'ratio')],
      findings,
    };
  },
  names: (day) => (day === 1 ? ['probes'] : []),
};

const services = ['front', 'web', 'api', 'db', 'redis'] as const;
const ports = { front: 8080, web: 8080, api: 8080, db: 5432, redis: 6379 } as const;
const meant = new Set(['front web', 'web api', 'api db', 'api redis']);

const segmentation: Practice = {
  drill: 'segmentation',
  kind: 'segmentation',
  everyDays: 7,
  atMs: 18_000_000,
  durationMs: 12_800,
  of() {
    const cells = services.flatMap((from, i) => [
      ...services.filter((to) => to !== from).map((to, j) => cell(from, to, `172.20.${j}.${i + 2}`, ports[to])),
      cell(from, 'host', '172.20.0.1', 2375),
      cell(from, 'external', '203.0.113.9', 443),
    ]);
    return {
      verdict: 'failed',
      reason: '1 way is open that is denied, and 1 is closed that is allowed',
      targets: services.map((name) => [`shop-${name}-1`, name, 'measured'] as const),
      events: [[0.4, 'probed', null, `${cells.length} ways were tried, with controls`]],
      findings: [
        finding('NET-04', 'web → redis:6379', 'shop-web-1', 'broken', 'high'),
        finding('NET-04', 'api → redis:6379', 'shop-api-1', 'broken', 'high'),
        finding('NET-05', 'db → host:2375', 'shop-db-1', 'inconclusive', 'critical'),
        ...['front → web:8080', 'web → api:8080', 'api → db:5432'].map((title) =>
          finding('NET-04', title, `shop-${title.split(' ')[0]}-1`, 'holds', 'high'),
        ),
      ],
      measurements: [measured('reachable_denied', null, 1, null, 'count')],
      artifacts: { matrix: { cells } satisfies Matrix },
    };
  },
  names: () => ['segmentation'],
};

function cell(from: string, to: string, address: string, port: number): MatrixCell {
  const declared = meant.has(`${from} ${to}`) ? 'allow' : 'deny';
  const way = `${from} ${to}`;
  const measuredAs =
    way === 'web redis'
      ? 'open'
      : way === 'api redis'
        ? 'closed'
        : way === 'db host'
          ? 'unknown'
          : declared === 'allow'
            ? 'open'
            : 'closed';
  const disagreement = way === 'web redis' ? 'deny-but-open' : way === 'api redis' ? 'allow-but-closed' : null;
  return { from, to, address, port, protocol: 'tcp', declared, simulated: declared, measured: measuredAs, disagreement };
}

const rotation: Practice = {
  drill: 'leaked-database-password',
  kind: 'secret-rotation',
  everyDays: 15,
  atMs: 20_000_000,
  durationMs: 31_000,
  of(day) {
    const late = day < 16;
    const login = finding('ROT-login', 'the old one is refused at db:5432', 'shop-db-1', 'holds', 'high');
    return {
      verdict: late ? 'failed' : 'passed',
      reason: late ? 'a session of the old password lived on' : 'trust was gone after 2.4 s',
      targets: [['shop-db-1', 'db', 'rotated'] as const, ['shop-api-1', 'api', 'reloaded'] as const],
      events: [
        [0.2, 'step', null, 'the leak is declared'],
        [0.3, 'delivery', 'shop-api-1', 'the new one is delivered by file and SIGHUP'],
      ],
      findings: [
        login,
        finding('ROT-session', 'sessions of the old one are ended at db:5432', 'shop-db-1', late ? 'broken' : 'holds', 'high'),
        finding('ROT-consumer', 'api takes the new one', 'shop-api-1', 'holds', 'medium'),
      ],
      measurements: [
        measured('time_to_old_refused', null, 1_240, null),
        measured('time_to_full_refusal', null, late ? 14_800 : 2_400, 10_000),
        measured('failed_requests', null, late ? 3 : 0, 0, 'count'),
      ],
      artifacts: { curve: curve(late) },
    };
  },
  names: () => ['rotation'],
};

function curve(late: boolean): Curve {
  const track = (credential: 'old' | 'new', mode: 'login' | 'session', at: number | null): CurveTrack => ({
    point: 'db:5432 (shop-db-1)',
    from: 'shop-api-1',
    credential,
    mode,
    changes: [
      { at: credential === 'old' ? -2_000 : 150, answer: 'accepted', code: null },
      ...(at === null ? [] : [{ at, answer: mode === 'session' ? ('closed' as const) : ('refused' as const), code: '28P01' }]),
    ],
    attempts: { accepted: 40, refused: 120, closed: 0, unknown: 0 },
  });
  return {
    plans: [
      {
        plan: 'leak',
        credential: 'canary',
        probeEveryMs: 100,
        uncertaintyMs: 3,
        from: -2_000,
        to: 16_000,
        phases: [
          { name: 'before', from: -2_000, to: 0 },
          { name: 'issue', from: 0, to: 150 },
          { name: 'revoke', from: 150, to: 1_240 },
          { name: 'watch', from: 1_240, to: 16_000 },
        ],
        tracks: [track('old', 'login', 1_240), track('old', 'session', late ? null : 2_400), track('new', 'login', null)],
        consumers: [{ service: 'api', requests: 160, failed: late ? 3 : 0, outages: late ? [{ from: 400, to: 700 }] : [] }],
      },
    ],
  };
}

const lifecycle: Practice = {
  drill: 'pit-stop',
  kind: 'lifecycle',
  everyDays: 7,
  firstDay: 3,
  atMs: 21_600_000,
  durationMs: 52_000,
  of: () => ({
    verdict: 'passed',
    reason: '8 held',
    targets: [['shop-web-1', 'web', '4 of 4 hold'] as const, ['shop-api-1', 'api', '4 of 4 hold'] as const],
    events: [[0.5, 'check', 'shop-web-1', 'LC-01: stopped within 1.1 s']],
    findings: ['shop-web-1', 'shop-api-1'].flatMap((target) => [
      finding('LC-01', 'stops when told', target, 'holds', 'medium'),
      finding('LC-02', 'zombies are reaped', target, 'holds', 'low'),
      finding('LC-03', 'comes back when killed', target, 'holds', 'medium'),
      finding('LC-05', 'its health tells the truth', target, 'holds', 'medium'),
    ]),
    measurements: [measured('stop_time', 'shop-web-1', 1_100, 10_000), measured('stop_time', 'shop-api-1', 4_700, 10_000)],
  }),
};

/** Once, long ago: its proof has expired. */
const freeze: Practice = {
  drill: 'practise-the-freeze',
  kind: 'forensic-freeze',
  everyDays: 58,
  atMs: 39_600_000,
  durationMs: 61_000,
  of: () => ({
    verdict: 'passed',
    reason: 'all that was planted is in the evidence',
    targets: [['shop-api-1', 'api', 'frozen'] as const],
    events: [[0.3, 'held', 'shop-api-1', 'frozen after 380 ms']],
    measurements: [
      measured('time_to_freeze', 'shop-api-1', 380, 5_000),
      { ...measured('coverage', 'shop-api-1', 0.98, null, 'ratio'), objective: { min: 0.95 }, met: true },
    ],
    findings: [finding('canary', 'the planted process is in the evidence', 'shop-api-1', 'holds', 'high')],
  }),
};

const detection: Practice = {
  drill: 'do-we-notice',
  kind: 'detection',
  everyDays: 10,
  atMs: 30_000_000,
  durationMs: 15_000,
  of: () => ({
    verdict: 'inconclusive',
    reason: 'no alert came, and nothing shows that alerts come at all',
    targets: [['shop-web-1', 'web', 'attacked'] as const],
    findings: [finding('NET-13', 'a packet socket raises an alert', 'shop-web-1', 'inconclusive', 'medium')],
    measurements: [measured('missed', null, 0, 0, 'count')],
  }),
};

export const practices: readonly Practice[] = [recycle, sandbox, segmentation, rotation, lifecycle, freeze, detection];

function measured(name: string, target: string | null, value: number, max: number | null, unit: Unit = 'ms'): Measurement {
  return { name, target, value, unit, objective: max === null ? null : { max }, met: max === null ? null : value <= max };
}

function finding(probe: string, title: string, target: string, state: Finding['state'], severity: Finding['severity']): Finding {
  return { probe, title, target, state, severity, evidence: `${title}: ${state}`, waivedUntil: null };
}

function availability(failed: boolean) {
  const sample = (i: number) => {
    const ok = !(i > 30 && i < (failed ? 60 : 37));
    return { offsetMs: i * 250, ok, latencyMs: 4 + (i % 7) * 1.3, error: ok ? null : 'connection refused' };
  };
  const samples = Array.from({ length: 92 }, (_, i) => sample(i));
  const share = samples.filter(({ ok }) => ok).length / samples.length;
  return {
    checks: [
      { name: 'shop answers', type: 'http', request: true, everyMs: 250, minAvailability: 0.9, availability: share, samples },
      {
        name: 'web is healthy',
        type: 'health',
        request: false,
        everyMs: 1_000,
        minAvailability: null,
        availability: 1,
        samples: samples.filter((_, i) => i % 4 === 0 && i < 30),
      },
    ],
  };
}
