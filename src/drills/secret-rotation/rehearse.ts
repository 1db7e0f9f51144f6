import { formatDuration } from '../../domain/duration.ts';
import type { RunContext } from '../../domain/kind.ts';
import { holdersBeyond } from './aftermath.ts';
import { asChangeData, changeKind, type RotationData, type Step } from './change.ts';
import { conclude, type Rehearsed } from './conclude.ts';
import { seenToWork } from './controls.ts';
import type { Phase } from './curve.ts';
import { type Deliveries, openDeliveries } from './deliveries.ts';
import { type Golden, startGolden } from './golden.ts';
import { listenTo } from './listen.ts';
import type { Params, PlanName } from './params.ts';
import { openScope } from './scope.ts';
import { settling, waitFor } from './settled.ts';
import type { Credential } from './system.ts';
import { systemOf } from './systems.ts';
import { type Attackers, startAttack } from './tracks.ts';
import { type Live, undoLive } from './undo-live.ts';
import { openVantages, tryControls } from './vantages.ts';
import { verify } from './verify.ts';
import { mostDriftMs, wallClock } from './wall-clock.ts';

const sweepEveryMs = 500;

/**
 * One rotation from the leak to its last proof, by one plan. When not all is well the journal's change is left open: the runner then has it put back. Throws
 * what stands against it before the leak.
 */
export async function rehearse(plan: PlanName, asked: RunContext<Params>): Promise<Rehearsed> {
  const { context, told } = listenTo(asked);
  const { params, clock, engine, signal, runId, instance } = context;
  const targets = context.targets.map(({ name, service }) => ({ name, service }));
  const opened: { deliveries: Deliveries | null } = { deliveries: null };
  await using scope = openScope({
    engine,
    clock,
    signal,
    runId,
    instance,
    plan,
    credential: params.credential,
    targets,
    helperImage: () => context.helperImage(),
    secret: (ref, what) => context.secret(ref, what),
    held: async () => (await opened.deliveries?.held()) ?? null,
    event: (type, message) => context.event(type, null, message),
  });
  const system = await systemOf(params.system);
  // the helpers' starts take longest: side by side
  const opening = openVantages(context, system, scope);
  opening.catch(nothing);
  // whatever refuses meanwhile: none of them may come up afterwards
  await using _opening = { [Symbol.asyncDispose]: () => opening.then(nothing, nothing) };
  await using deliveries = await openDeliveries(context, scope);
  opened.deliveries = deliveries;
  const { rotation, data } = await system.open(params.own, scope);
  const probers = await opening;
  const change = context.journal.open({
    kind: changeKind,
    target: rotation.points[0]?.target ?? targets[0]?.name ?? params.system,
    data: asChangeData({
      system: params.system,
      plan,
      credential: params.credential,
      targets,
      own: params.own,
      data,
      deliveries: [...deliveries.data],
    } as RotationData),
  });
  const live: Live = { context, system, rotation, deliveries, scope, change, delivered: false };
  const phases: Phase[] = [];
  const during = async <T>(name: Step, work: () => Promise<T>): Promise<T> => {
    signal.throwIfAborted();
    change.step(name);
    const from = clock.monotonic();
    try {
      return await work();
    } finally {
      phases.push({ name, from, to: clock.monotonic() });
    }
  };

  let attack: Attackers;
  let requested: readonly Golden[] = [];
  let stopped: readonly string[] = [];
  let issuedAt: number | null = null;
  let verifiedAt: number | null = null;
  let notAllowed: string | null = null;
  let kept = false;
  try {
    const rehearsed = await practise();
    kept = rehearsed.kept;
    return rehearsed;
  } finally {
    if (!kept) await undoLive(live);
  }

  async function practise(): Promise<Rehearsed> {
    const old = await during('prepare', async () => {
      await deliveries.prepare();
      return rotation.prepare();
    });
    const sought = rotation.leaked?.() ?? old.secret;
    const derived = (await rotation.derived?.()) ?? [];
    const around = { context, scope, system };
    const beyond = params.credential === 'real' ? await holdersBeyond(sought, deliveries.data, around) : [];
    const { reaches, careless } = await tryControls(rotation.points, probers, old, context);
    const golden = startGolden(params.consumers, params.probeEvery, {
      engine,
      project: context.targets[0]?.project ?? null,
      clock,
      helper: () => context.helperImage(),
      runId,
      instance,
      targets,
    });
    requested = golden.all;
    attack = startAttack({ points: rotation.points, probers, old, derived, everyMs: params.probeEvery, reaches });
    let error: unknown = null;
    let leakAt = Number.POSITIVE_INFINITY;
    const wall = wallClock(clock);
    let endAt = Number.POSITIVE_INFINITY;
    try {
      await seenToWork(attack, golden.all, { everyMs: params.probeEvery, clock, signal });
      leakAt = clock.monotonic();
      context.event(
        'leak',
        null,
        `declared: ${params.credential === 'canary' ? 'a canary' : 'the credential in use'} has leaked (plan ${plan})`,
      );
      try {
        await steps();
        await watchOn(golden.all);
      } catch (failure) {
        signal.throwIfAborted();
        error = failure;
      }
    } finally {
      endAt = clock.monotonic();
      await attack.stop();
      await golden.stop();
    }
    const setBy = wall.setBy();
    if (Math.abs(setBy) > mostDriftMs)
      context.event(
        'clock',
        null,
        `the wall clock was set ${formatDuration(Math.abs(setBy))} ${setBy < 0 ? 'back' : 'forward'}: what is measured is not by it`,
      );
    return conclude({
      around,
      rotation,
      deliveries,
      change,
      seen: {
        plan,
        credential: params.credential,
        leakAt,
        endAt,
        points: rotation.points,
        tracks: attack.tracks,
        golden: golden.all,
        issuedAt,
        verifiedAt,
        freshMs: attack.freshMs,
        careless,
        notAllowed,
        wall: { endAt: clock.now(), setBy },
        whyNotTaken: (point) => scope.whyNotTaken(point),
      },
      phases,
      uncertaintyMs: Math.max(...probers.map((one) => one.uncertaintyMs)),
      sought,
      since: wall.since(),
      beyond,
      told,
      stopped: stopped.length > 0,
      error,
    });
  }

  /** What is let in again while it is watched on is seen. */
  async function watchOn(golden: readonly Golden[]): Promise<void> {
    const asItShould = settling(attack, golden, clock);
    let sweptAt = clock.monotonic();
    // who was being let in at the moment of the refusal has a session that nobody listed yet
    const settled = async () => {
      if (asItShould()) return true;
      if (stopped.length === 0 && clock.monotonic() - sweptAt > sweepEveryMs) {
        await rotation.endSessions();
        sweptAt = clock.monotonic();
      }
      return false;
    };
    await waitFor(settled, { ms: params.within, clock, signal });
    await waitFor(() => false, { ms: params.observe, clock, signal });
    await waitFor(settled, { ms: params.within - params.observe, clock, signal });
  }

  function verifying() {
    return { plan, attack, golden: requested, scope, within: params.within };
  }

  async function steps(): Promise<void> {
    if (plan === 'leak') {
      await refuse();
      await deliver(await issue());
      await during('verify', () => verify(rotation, deliveries, verifying()));
      return;
    }
    await deliver(await issue());
    const verified = await during('verify', () => verify(rotation, deliveries, verifying()));
    stopped = verified.problems;
    verifiedAt = verified.at;
    for (const sentence of stopped)
      context.event('stopped', null, `${sentence}: the old one was not refused, for that would have been an outage`);
    if (stopped.length === 0) await refuse();
  }

  async function issue(): Promise<Credential> {
    const credential = await during('issue', () => rotation.issue());
    issuedAt = clock.monotonic();
    attack.startNew(credential);
    return credential;
  }

  async function deliver(credential: Credential): Promise<void> {
    await during('deliver', async () => {
      live.delivered = true;
      await rotation.deploy?.(credential);
      await deliveries.deliver(credential);
    });
  }

  async function refuse(): Promise<void> {
    await during('refuse', () => rotation.refuse());
    ({ notAllowed } = await during('end-sessions', () => rotation.endSessions()));
  }
}

function nothing(): void {}
