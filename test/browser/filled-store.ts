/** A database as it is after two months of drills on a shop, written past the clock: for pages, which have to show all of it. */
import { ulid } from 'ulid';
import { openAudit } from '../../src/access/audit.ts';
import { type Role, roles } from '../../src/access/roles.ts';
import { createToken } from '../../src/access/tokens.ts';
import type { Clock } from '../../src/domain/clock.ts';
import type { ExitCode } from '../../src/domain/errors.ts';
import type { Finding, Measurement, RunEvent, Verdict } from '../../src/domain/words.ts';
import { openStore } from '../../src/store/open.ts';
import type { Sample } from '../../src/store/samples.ts';
import type { Store } from '../../src/store/store.ts';
import { hostile } from './hostile.ts';
import { type Practice, practices } from './practices.ts';

export interface Filled {
  readonly tokens: Readonly<Record<Role, string>>;
  /** Of runs, for pages that show one. The newest of its kind. */
  readonly runs: Readonly<Record<'passed' | 'failed' | 'residue' | 'segmentation' | 'rotation' | 'probes' | 'hostile', string>>;
  /** Whose evidence was pruned since. */
  readonly evidence: string;
}

const dayMs = 86_400_000;

/** @param path of the database file, which must not be there. @param now UTC ms, after the last run. */
export function fillStore(path: string, now: number): Filled {
  const clock = settableClock(now - 60 * dayMs);
  const store = openStore({ path, clock });
  try {
    const tokens = Object.fromEntries(roles.map((role) => [role, createToken(store, `the-${role}`, role)])) as Record<Role, string>;
    const runs = new Map<string, string>();
    const samples: Sample[] = [];
    // One step each: a disk takes its time over every one.
    for (let day = 60; day > 0; day -= 1) {
      for (const practice of practices.filter(({ everyDays, firstDay = 0 }) => (day + firstDay) % everyDays === 0)) {
        clock.at = now - day * dayMs + practice.atMs;
        const id = store.atOnce(() => write(store, clock, practice, day, samples));
        for (const name of practice.names?.(day) ?? []) runs.set(name, id);
      }
    }
    clock.at = now - 3_600_000;
    runs.set(
      'hostile',
      store.atOnce(() => writeHostile(store, clock)),
    );
    const evidence = store.atOnce(() => writeCase(store, clock, now - 9 * dayMs));
    store.atOnce(() => writeAudit(store, clock, now));
    store.samples.add(samples);
    clock.at = now - 1_800_000;
    store.control.halt('ana', `checking the pumps ${hostile.markup}`);
    store.control.unhalt('ben');
    return { tokens, runs: Object.fromEntries(runs) as Filled['runs'], evidence };
  } finally {
    store.close();
  }
}

function write(store: Store, clock: SettableClock, practice: Practice, day: number, samples: Sample[]): string {
  const { drill, kind, durationMs, of } = practice;
  const { verdict, exitCode = exitOf[verdict], reason, targets, ...parts } = of(day);
  const id = ulid(clock.at);
  open(store, id, { drill, kind, trigger: drill === null ? 'manual' : 'schedule', actor: drill === null ? 'rosa' : 'scheduler' });
  store.runs.saveTargets(
    id,
    targets.map(([name, service, outcome, leftOut = null], i) => ({
      id: `${i}`.padEnd(64, 'c'),
      name,
      service,
      image: `shop-${service ?? 'tools'}:1`,
      outcome,
      leftOut,
    })),
  );
  const begun = clock.at;
  for (const [share, type, target, message] of parts.events ?? []) {
    clock.at = begun + Math.round(durationMs * share);
    store.events.add(id, type, target, message);
  }
  writeParts(store, clock, id, begun, durationMs, parts);
  samples.push(...samplesOf(id, begun, parts));
  clock.at = begun + durationMs;
  store.runs.end(id, { verdict, reason, exitCode, residue: parts.residue ?? [] });
  return id;
}

export interface Parts {
  /** At which share of the run's time. */
  readonly events?: readonly (readonly [share: number, type: RunEvent['type'], target: string | null, message: string])[];
  readonly measurements?: readonly Measurement[];
  readonly findings?: readonly Finding[];
  readonly changes?: readonly { readonly kind: string; readonly target: string; readonly state: 'undone' | 'residue' }[];
  readonly artifacts?: Readonly<Record<string, unknown>>;
  readonly residue?: readonly string[];
}

export interface Outcome extends Parts {
  readonly verdict: Verdict;
  readonly exitCode?: ExitCode;
  readonly reason: string;
  readonly targets: readonly (readonly [name: string, service: string | null, outcome: string | null, leftOut?: string])[];
}

const goneEngine = 'an-engine-that-is-gone';
const exitOf = { passed: 0, failed: 1, inconclusive: 3, refused: 4, aborted: 4, error: 6 } as const;

function open(
  store: Store,
  id: string,
  run: { drill: string | null; kind: string; trigger: 'manual' | 'schedule' | 'api'; actor: string },
): void {
  store.runs.open({
    id,
    ...run,
    engine: { name: 'local', id: goneEngine, version: '26.1.5', environment: 'local' },
    seed: '9f86d081884c7d65',
    definition: `sha256:${(run.drill ?? 'none').length.toString(16).padStart(64, 'd')}`,
    definitionText: `name: ${run.drill}\nkind: ${run.kind}\n`,
    processId: 0,
  });
}

function writeParts(store: Store, clock: SettableClock, id: string, begun: number, durationMs: number, parts: Parts): void {
  for (const measurement of parts.measurements ?? []) store.runs.addMeasurement(id, measurement);
  store.runs.addFindings(id, parts.findings ?? []);
  for (const { kind, target, state } of parts.changes ?? []) {
    clock.at = begun + durationMs * 0.3;
    const change = store.journal.forRun(id, 'local', goneEngine).open({ kind, target, data: {} });
    clock.at = begun + durationMs * 0.7;
    change.close(state, state === 'undone' ? 'put back' : 'the network alias db was not put back');
  }
  for (const [name, content] of Object.entries(parts.artifacts ?? {}))
    store.runs.addArtifact(id, name, 'application/json', JSON.stringify(content));
}

function samplesOf(runId: string, begun: number, { artifacts }: Parts): Sample[] {
  const { checks } = (artifacts?.availability ?? { checks: [] }) as { checks: { name: string; samples: AvailabilitySample[] }[] };
  return checks.flatMap(({ name, samples }) => samples.map((sample) => ({ runId, check: name, at: begun + sample.offsetMs, ...sample })));
}

interface AvailabilitySample {
  readonly offsetMs: number;
  readonly ok: boolean;
  readonly latencyMs: number;
  readonly error: string | null;
}

/** A run in which whatever comes from outside tries to be more than text. */
function writeHostile(store: Store, clock: SettableClock): string {
  const id = ulid(clock.at);
  open(store, id, { drill: 'sandbox', kind: 'adversarial-probe', trigger: 'api', actor: hostile.bidi });
  const target = hostile.markup;
  const image = hostile.long;
  store.runs.saveTargets(id, [
    { id: 'e'.repeat(64), name: target, service: hostile.markup, image, outcome: hostile.ansi, leftOut: null },
    { id: 'f'.repeat(64), name: hostile.formula, service: null, image, outcome: null, leftOut: hostile.bidi },
  ]);
  for (const text of Object.values(hostile)) store.events.add(id, 'step', text, text, { text });
  store.runs.addMeasurement(id, { name: hostile.formula, target, value: 1, unit: 'count', objective: { max: 0 }, met: false });
  const finding = { probe: 'PRV-04', title: hostile.markup, target, severity: 'critical', waivedUntil: null } as const;
  store.runs.addFindings(id, [
    { ...finding, state: 'broken', evidence: Object.values(hostile).join('\n') },
    { ...finding, probe: hostile.formula, title: hostile.ansi, state: 'inconclusive', evidence: hostile.long },
  ]);
  store.journal.forRun(id, 'local', goneEngine).open({ kind: hostile.ansi, target, data: {} }).close('undone', hostile.markup);
  clock.at += 4_000;
  store.runs.end(id, { verdict: 'failed', reason: Object.values(hostile).join(' '), exitCode: 5, residue: [hostile.markup, hostile.ansi] });
  return id;
}

/** One whose bytes are gone: what is left to show is its row. */
function writeCase(store: Store, clock: SettableClock, at: number): string {
  clock.at = at;
  const runId = ulid(at);
  const id = `ev_${runId}`;
  open(store, runId, { drill: null, kind: 'forensic-freeze', trigger: 'manual', actor: 'rosa' });
  const container = {
    id: 'a'.repeat(64),
    name: 'shop-web-7',
    service: 'web',
    image: 'shop-web:1',
    imageId: `sha256:${'1'.repeat(64)}`,
    labels: { note: hostile.markup },
  };
  const of = { engine: 'local', engineId: 'an-engine-that-is-gone' };
  store.evidence.open({
    id,
    runId,
    ...of,
    container,
    reason: `${hostile.markup} ${hostile.ansi}`,
    actor: 'rosa',
    trigger: 'manual',
    disposition: 'resume',
    memory: 'proc',
    requestedAt: at,
  });
  store.holds.open({
    evidenceId: id,
    ...of,
    containerId: container.id,
    containerName: container.name,
    foreign: false,
    deadline: at + 14_400_000,
    onExpiry: 'notify',
  });
  store.holds.update(id, { state: 'held' });
  clock.at += 60_000;
  store.holds.release(id, 'resumed');
  store.evidence.update(id, {
    state: 'pruned',
    frozenAt: at + 400,
    sealedAt: at + 21_000,
    bytes: 48_211_331,
    coverage: 0.97,
    seal: 'intact',
    prunedAt: at + 3 * dayMs,
  });
  store.runs.setEvidence(runId, [id]);
  store.runs.addMeasurement(runId, {
    name: 'time_to_freeze',
    target: 'shop-web-7',
    value: 412,
    unit: 'ms',
    objective: { max: 5_000 },
    met: true,
  });
  store.runs.addMeasurement(runId, {
    name: 'coverage',
    target: 'shop-web-7',
    value: 0.97,
    unit: 'ratio',
    objective: { min: 0.9 },
    met: true,
  });
  store.runs.end(runId, { verdict: 'passed', reason: '1 frozen, its evidence is whole', exitCode: 0, residue: [] });
  return id;
}

function writeAudit(store: Store, clock: SettableClock, now: number): void {
  const audit = openAudit(store);
  const acts = ['run', 'halt', 'unhalt', 'freeze', 'login', 'evidence download'];
  for (let i = 0; i < 120; i += 1) {
    clock.at = now - (120 - i) * 600_000;
    const refused = i % 7 === 0;
    audit.record({
      who: refused ? 'nobody' : 'ana',
      role: refused ? 'none' : 'operator',
      act: acts[i % acts.length] as string,
      object: i % 20 === 0 ? hostile.markup : 'recycle-shop',
      source: 'api 127.0.0.1',
      data: { outcome: refused ? 'refused' : 'allowed', ...(i % 20 === 0 ? { note: hostile.bidi } : {}) },
    });
  }
}

interface SettableClock extends Clock {
  at: number;
}

function settableClock(at: number): SettableClock {
  return {
    at,
    now() {
      return this.at;
    },
    monotonic() {
      return this.at;
    },
    sleep: async () => undefined,
  };
}
