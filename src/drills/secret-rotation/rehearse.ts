import type { CurvePlan } from '../../domain/curve.ts';
import { RefusedError } from '../../domain/errors.ts';
import type { RunContext } from '../../domain/kind.ts';
import type { Finding } from '../../domain/words.ts';
import { holdersBeyond, residueOf } from './aftermath.ts';
import { asChangeData, changeKind, type RotationData, type Step } from './change.ts';
import { curveConsumer, curveTrack, type Phase, round } from './curve.ts';
import { type Deliveries, openDeliveries } from './deliveries.ts';
import { startGolden } from './golden.ts';
import type { Params, PlanName } from './params.ts';
import { openScope } from './scope.ts';
import { settling, waitFor } from './settled.ts';
import type { Credential, OldSession } from './system.ts';
import { systemOf } from './systems.ts';
import { type Seen, type Timing, timingOf } from './timing.ts';
import { startAttack } from './tracks.ts';
import { namesOf, openVantages, tryControls } from './vantages.ts';
import { sessionsAfter, verify } from './verify.ts';

export interface Rehearsed {
  readonly timing: Timing;
  readonly curve: CurvePlan;
  /** Who holds it too, and where the old one still lies. */
  readonly aftermath: readonly Omit<Finding, 'waivedUntil'>[];
  /** A step that failed; what was seen until then is told all the same. */
  readonly error: unknown;
}

/** Attackers try this often before the leak, so that all of them are seen to be let in. */
const roundsBefore = 5;
const sweepEveryMs = 500;

/**
 * One rotation from the leak to its last proof, by one plan. When not all is well the journal's change is left open: the runner then has it put back. Throws
 * what stands against it before the leak.
 */
export async function rehearse(plan: PlanName, context: RunContext<Params>): Promise<Rehearsed> {
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
  opening.catch(() => undefined);
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
  const attack = startAttack({ points: rotation.points, probers, old, derived, everyMs: params.probeEvery, reaches });
  let error: unknown = null;
  let stopped: readonly string[] = [];
  let issuedAt: number | null = null;
  let verifiedAt: number | null = null;
  const verifying = { plan, attack, golden: golden.all, scope, within: params.within };
  let notAllowed: string | null = null;
  let left: readonly OldSession[] | null = null;
  let leakAt = Number.POSITIVE_INFINITY;
  const since = clock.now();
  let endAt = Number.POSITIVE_INFINITY;
  try {
    await waitFor(
      () =>
        attack.tracks.every(({ samples }) => samples().length >= roundsBefore) &&
        golden.all.every(({ requests }) => requests().length >= 2),
      {
        ms: params.within,
        clock,
        signal,
      },
    );
    const failing = golden.all.find(({ requests }) => requests().some(({ ok }) => !ok));
    if (failing !== undefined)
      throw new RefusedError(
        'consumer_before',
        `${failing.service} does not answer its own request before the leak, so nothing was leaked`,
        {
          hint: 'mend the service or its `prove` first',
        },
      );
    leakAt = clock.monotonic();
    context.event(
      'leak',
      null,
      `declared: ${params.credential === 'canary' ? 'a canary' : 'the credential in use'} has leaked (plan ${plan})`,
    );
    try {
      await steps();
      // what is let in again while it is watched on is seen
      const asItShould = settling(attack, golden.all, clock);
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
    } catch (failure) {
      signal.throwIfAborted();
      error = failure;
    }
  } finally {
    endAt = clock.monotonic();
    await attack.stop();
    await golden.stop();
  }
  left = error === null && stopped.length === 0 ? await sessionsAfter(rotation, scope) : null;
  const seen: Seen = {
    plan,
    credential: params.credential,
    leakAt,
    endAt,
    freshMs: attack.freshMs,
    points: rotation.points,
    tracks: attack.tracks,
    golden: golden.all,
    issuedAt,
    verifiedAt,
    careless,
    consumers: params.consumers.map(({ service }) => ({
      service,
      problems: deliveries.problems(service),
      deliveredAt: deliveries.deliveredAt(service),
    })),
    left,
    notAllowed,
    nameOf: namesOf(await scope.others(), context.targets),
  };
  const timing = timingOf(seen);
  const curve = curveOf(seen, phases, {
    probeEveryMs: params.probeEvery,
    uncertaintyMs: Math.max(...probers.map((one) => one.uncertaintyMs)),
  });
  let residue: Rehearsed['aftermath'] = [];
  if (error === null && (params.credential === 'canary' || timing.good || params.onFailure === 'keep')) {
    change.step('commit');
    const still = [...(await rotation.clear()), ...(await deliveries.forget())];
    for (const sentence of still) context.residue(sentence);
    change.close(still.length === 0 ? 'done' : 'residue', still.join('; ') || 'the practice was cleared away');
    residue = await residueOf(sought, since, around);
  } else if (error === null) {
    context.event('put-back', null, 'not all is as it should be, so the old credential is put back');
  }
  return { timing, curve, aftermath: [...beyond, ...residue], error };

  async function steps(): Promise<void> {
    if (plan === 'leak') {
      await refuse();
      await deliver(await issue());
      await during('verify', () => verify(rotation, deliveries, verifying));
      return;
    }
    await deliver(await issue());
    const verified = await during('verify', () => verify(rotation, deliveries, verifying));
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
      await rotation.deploy?.(credential);
      await deliveries.deliver(credential);
    });
  }

  async function refuse(): Promise<void> {
    await during('refuse', () => rotation.refuse());
    ({ notAllowed } = await during('end-sessions', () => rotation.endSessions()));
  }
}

function curveOf(seen: Seen, phases: readonly Phase[], about: Pick<CurvePlan, 'probeEveryMs' | 'uncertaintyMs'>): CurvePlan {
  const { plan, credential, leakAt, endAt, tracks, golden } = seen;
  const begun = Math.min(leakAt, ...tracks.flatMap(({ samples }) => samples()[0]?.startedAt ?? []));
  return {
    plan,
    credential,
    probeEveryMs: about.probeEveryMs,
    uncertaintyMs: round(about.uncertaintyMs),
    from: round(begun - leakAt),
    to: round(endAt - leakAt),
    phases: phases
      .filter(({ to }) => to > leakAt)
      .map(({ name, from, to }) => ({ name, from: round(from - leakAt), to: round(to - leakAt) })),
    tracks: tracks.map((track) => curveTrack(track, leakAt)),
    consumers: golden.map((one) => curveConsumer(one, leakAt)),
  };
}
