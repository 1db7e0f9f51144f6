import type { Answer, Mode, Prober, Sample, Series } from '../../checks/prober/contract.ts';
import type { Secret } from '../../domain/secret.ts';
import type { Credential, Derived, Point } from './system.ts';

/** One attacker, or one who uses the new credential, and what it saw. Instants are monotonic ms. */
export interface Track {
  readonly point: string;
  /** The container whose network it asks from. */
  readonly where: string;
  readonly credential: 'old' | 'new';
  readonly mode: Mode | 'token';
  /** UTC ms at which what it uses ends by itself. (Default: never.) */
  readonly until?: number | undefined;
  samples(): readonly Sample[];
}

export interface Attackers {
  readonly tracks: readonly Track[];
  /** Tries the new credential from now on, everywhere. */
  startNew(credential: Credential): void;
  /** ms within which each of them gives an answer, as long as its helper lives. */
  readonly freshMs: number;
  stop(): Promise<void>;
}

export interface AttackOptions {
  readonly points: readonly Point[];
  readonly probers: readonly Prober[];
  readonly old: Credential;
  readonly derived: readonly Derived[];
  readonly everyMs: number;
  /** Which prober asks which point: others do not reach it. */
  reaches(prober: Prober, point: Point): boolean;
}

const leastFreshMs = 2_000;

/** Everybody who has the old credential tries it, all the time, from everywhere. */
export function startAttack(options: AttackOptions): Attackers {
  const { points, probers, old, derived, everyMs } = options;
  const timeoutMs = Math.max(1_000, everyMs);
  const series: Series[] = [];
  const tracks: Track[] = [];
  const start = (
    prober: Prober,
    point: Point,
    { mode, credential, until }: Pick<Track, 'mode' | 'credential' | 'until'>,
    user: string | null,
    secret: Secret,
  ) => {
    const one = prober.start({ door: point.door(user), secret, mode: mode === 'session' ? 'session' : 'login', everyMs, timeoutMs });
    series.push(one);
    tracks.push({ point: point.name, where: prober.where, credential, mode, until, samples: () => one.samples() });
  };
  const pairs = () =>
    points.flatMap((point) => probers.filter((prober) => options.reaches(prober, point)).map((prober) => ({ point, prober })));
  for (const { point, prober } of pairs()) {
    for (const mode of point.modes) if (mode !== 'token') start(prober, point, { mode, credential: 'old' }, old.user, old.secret);
    for (const { until, secret } of derived.filter((token) => token.point.name === point.name))
      start(prober, point, { mode: 'token', credential: 'old', until }, null, secret);
  }
  return {
    tracks,
    startNew({ user, secret }) {
      for (const { point, prober } of pairs()) start(prober, point, { mode: 'login', credential: 'new' }, user, secret);
    },
    freshMs: Math.max(leastFreshMs, 2 * everyMs + timeoutMs),
    async stop() {
      await Promise.all(series.map((one) => one.stop()));
    },
  };
}

/** The last answer that says something. */
export function lastSaid(samples: readonly Sample[]): Sample | null {
  for (let i = samples.length - 1; i >= 0; i--) {
    const sample = samples[i];
    if (sample !== undefined && says(sample.answer)) return sample;
  }
  return null;
}

export function says(answer: Answer): boolean {
  return answer !== 'unknown';
}
